/*
 * Calls to where no code is. The caller is found by the return address, which is on
 * top of the stack (arm64: in x30), for there is nothing to unwind by.
 *
 *   null      a call through a pointer that is NULL: pc is 0
 *   data      a call into a page that may be written, but not executed
 *   unmapped  a call to an address at which there is nothing
 *
 * The stack of each: an address without a name, call(function, n), main.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef int function(int);

static function *volatile target;
static char data[64] = "not code";

__attribute__((noipa)) int call(function *f, int n)
{
	return f(n + 1) + n;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "null";

	if (!strcmp(way, "data"))
		target = (function *)data;
	if (!strcmp(way, "unmapped")) {
		void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		munmap(page, 4096);
		target = (function *)page;
	}
	return call(target, 70) + argc;
}
