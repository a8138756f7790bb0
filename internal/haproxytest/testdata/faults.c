/*
 * Loaded before all other libraries it makes a request end the process: a client
 * that asks for one of the paths below gets a fault of its name. Whatever else is
 * received passes through.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FUNCTION __attribute__((noinline)) void

FUNCTION fault_abort(void)
{
	abort();
}

FUNCTION fault_free(void)
{
	char *volatile p = malloc(64);

	free(p + 8);
}

FUNCTION fault_null_call(void)
{
	void (*volatile f)(void) = NULL;

	f();
	__asm__ volatile("");
}

FUNCTION fault_recursion(volatile char *outer)
{
	volatile char frame[2048];

	frame[0] = outer ? outer[0] + 1 : 0;
	fault_recursion(frame);
	frame[1] = frame[0];
}

FUNCTION fault_smash(size_t length)
{
	char buffer[16];
	void *(*volatile fill)(void *, int, size_t) = memset;

	fill(buffer, 'x', length);
}

static int asks(const char *text, ssize_t length, const char *path)
{
	size_t n = strlen(path);

	return length > 0 && (size_t)length >= n && memcmp(text, path, n) == 0;
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	static ssize_t (*next)(int, void *, size_t, int);
	ssize_t n;

	if (!next)
		next = (ssize_t (*)(int, void *, size_t, int))dlsym(RTLD_NEXT, "recv");
	n = next(fd, buffer, size, flags);
	if (asks(buffer, n, "GET /abort "))
		fault_abort();
	if (asks(buffer, n, "GET /free "))
		fault_free();
	if (asks(buffer, n, "GET /null "))
		fault_null_call();
	if (asks(buffer, n, "GET /recursion "))
		fault_recursion(NULL);
	if (asks(buffer, n, "GET /smash "))
		fault_smash(64);
	return n;
}
