/*
 * Stacks that are long, or broken.
 *
 *   recursion  down calls itself 300 times, then aborts: 301 frames of down
 *   overflow   down calls itself until the stack ends: some 10^5 frames, and main
 *   corrupt    smash overwrites its return address, then writes to address 40: smash, and
 *              then nothing that could be true
 *   loop       twist makes the saved frame pointer point to its own frame: a walk that
 *              follows it comes by the same frame for ever
 */
#include <stdlib.h>
#include <string.h>

#define FRAME __attribute__((noipa, optimize("no-omit-frame-pointer")))

static int *volatile nowhere = (int *)40;
static volatile int sink;

__attribute__((noipa)) int down(int n)
{
	int r;

	if (n == 0)
		abort();
	r = down(n - 1);
	sink = r; /* or the compiler would make a loop of it */
	return r + n;
}

/* On x86-64 and arm64 alike a frame begins with the caller's frame pointer and the return address. */
FRAME int smash(int n)
{
	void **frame = __builtin_frame_address(0);

	frame[1] = (void *)0x4141414141414141;
	*nowhere = n;
	return n;
}

FRAME int twist(int n)
{
	void **frame = __builtin_frame_address(0);

	frame[0] = frame;
	*nowhere = n;
	return n;
}

FRAME int around(int n)
{
	void **frame = __builtin_frame_address(0);

	sink = frame[0] == NULL;
	return twist(n + 1) + sink;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "recursion";

	if (!strcmp(way, "corrupt"))
		return smash(argc) + sink;
	if (!strcmp(way, "loop"))
		return around(argc) + sink;
	if (!strcmp(way, "overflow"))
		return down(1 << 30) + argc;
	return down(300) + argc;
}
