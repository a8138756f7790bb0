/*
 * The last instruction of last is a call to a function that never returns, so its
 * return address is the first of the function that follows, neighbour. The stack must
 * say last, and the line of its call: abort, fatal, last, main.
 *
 * Wants -falign-functions=1 -fno-reorder-functions -fno-toplevel-reorder.
 */
#include <stdio.h>
#include <stdlib.h>

static volatile int sink;

__attribute__((noipa, noreturn)) void fatal(const char *why, int code)
{
	sink = code + why[0];
	abort();
}

__attribute__((noipa)) void last(int code)
{
	sink = code;
	fatal("the end", code + 1);
}

__attribute__((noipa)) int neighbour(int n)
{
	return n + sink;
}

int main(int argc, char **argv)
{
	(void)argv;
	last(argc + 4);
	return neighbour(argc);
}
