/*
 * Calls that a compiler makes jumps: the caller's frame is gone. What is asked
 * for by the first argument is done; each ends in trap, with a write to address 24.
 *
 *   chain      main calls one, which jumps to two, to three, to trap. With -O2
 *              trap and main alone are on the stack; one, two and three are told by the
 *              call sites, for there is one way only. n is known at the entry of each.
 *   library    main calls cross, which jumps to lib_enter of the library, which jumps
 *              to lib_hop through the PLT; that one calls trap and has a frame.
 *   callback   the library's lib_call calls trap: a frame of the library between.
 *   indirect   main calls indirect, which jumps to a pointer: nothing tells of it,
 *              the stack is trap, main.
 *   jump       the same with the library's lib_jump.
 *   ambiguous  main calls fork_, which jumps to left or right, each of which jumps to
 *              meet: trap, meet, main, for what was between cannot be told.
 *   self       main calls count, which jumps to its own start until n is 0, then to
 *              trap: trap, count, main, for the compiler makes a loop of it.
 */
#include <stdlib.h>
#include <string.h>

#define FRAME __attribute__((noipa))

int lib_call(int (*back)(int), int n);
int lib_jump(int (*back)(int), int n);
int lib_enter(int (*back)(int), int n);

static int *volatile nowhere = (int *)24;
static volatile int sink;

FRAME int trap(int n)
{
	*nowhere = n;
	return n;
}

FRAME int three(int n, int extra)
{
	sink = extra;
	return trap(n + 1);
}

FRAME int two(int n)
{
	return three(n + 1, 33);
}

FRAME int one(int n)
{
	return two(n + 1);
}

FRAME int cross(int n)
{
	return lib_enter(trap, n + 1);
}

FRAME int indirect(int (*function)(int), int n)
{
	return function(n + 1);
}

FRAME int meet(int n)
{
	return trap(n + 1);
}

FRAME int left(int n)
{
	return meet(n + 1);
}

FRAME int right(int n)
{
	return meet(n + 2);
}

FRAME int fork_(int n)
{
	return sink ? left(n) : right(n);
}

FRAME int count(int n)
{
	sink = n;
	if (n == 0)
		return trap(n);
	return count(n - 1);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "chain";
	int n = argc * 10;

	if (!strcmp(way, "library"))
		n += cross(n);
	else if (!strcmp(way, "callback"))
		n += lib_call(trap, n);
	else if (!strcmp(way, "indirect"))
		n += indirect(trap, n);
	else if (!strcmp(way, "jump"))
		n += lib_jump(trap, n);
	else if (!strcmp(way, "ambiguous"))
		n += fork_(n);
	else if (!strcmp(way, "self"))
		n += count(n);
	else
		n += one(n);
	return n;
}
