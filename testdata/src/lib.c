/*
 * A shared library for the programs of this directory: functions that hand on
 * to another one, by a call or by a jump.
 */

/* Calls back; the work after the call keeps its frame on the stack. */
int lib_call(int (*back)(int), int n)
{
	return back(n + 1) + n;
}

/* Jumps to what it was given: nothing in the code says where to. */
int lib_jump(int (*back)(int), int n)
{
	return back(n + 1);
}

static int (*volatile kept)(int);

/* Ends with a jump to lib_hop through the PLT. */
int lib_hop(int n)
{
	int r = kept(n * 2);
	return r + n;
}

int lib_enter(int (*back)(int), int n)
{
	kept = back;
	return lib_hop(n + 1);
}
