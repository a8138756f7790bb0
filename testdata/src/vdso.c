/*
 * A signal that comes while the program is in the vDSO, code that the kernel maps into
 * each process and that is in no file. The handler aborts only if that is so:
 * abort, tick, <signal>, a function of the vDSO, clock_gettime, spin, main.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

static volatile long sink;

static uintptr_t interrupted(const ucontext_t *context)
{
#if defined(__x86_64__)
	return context->uc_mcontext.gregs[REG_RIP];
#else
	return context->uc_mcontext.pc;
#endif
}

static void tick(int signo, siginfo_t *info, void *context)
{
	uintptr_t start = getauxval(AT_SYSINFO_EHDR);
	uintptr_t pc = interrupted(context);

	(void)info;
	sink = signo;
	/* No vDSO has more than two pages of code. */
	if (start != 0 && pc >= start && pc < start + 8192)
		abort();
}

__attribute__((noipa)) long spin(clockid_t clock)
{
	struct timespec now = { 0 };

	while (now.tv_nsec >= 0)
		clock_gettime(clock, &now);
	return now.tv_sec;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };

	if (getauxval(AT_SYSINFO_EHDR) == 0)
		return 3;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	return spin(CLOCK_MONOTONIC);
}
