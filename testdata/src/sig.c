/*
 * Handlers of signals: the frame that the kernel puts on the stack between the
 * handler and what was interrupted.
 *
 *   handler   fault writes to address 32; the handler of SIGSEGV runs on the same stack
 *             and aborts: abort, last_words, <signal>, fault, main
 *   altstack  the same, but the handler has a stack of its own, at a lower or higher
 *             address: the stack pointer jumps at the signal frame
 *   nested    raise(SIGUSR1); its handler raises SIGUSR2, the handler of which writes to
 *             address 32, which nobody handles: two signal frames, and libc between
 *   first     the first instruction of a function faults: what was interrupted
 *             must be looked up by its pc itself, not by pc - 1
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FRAME __attribute__((noipa))

static int *volatile nowhere = (int *)32;
static volatile int sink;

FRAME int fault(int value)
{
	*nowhere = value;
	return value;
}

/* Its first instruction reads from its argument, which is no address. */
int first(int *value);
#if defined(__x86_64__)
__asm__(".text\n.globl first\n.type first,@function\nfirst:\n.cfi_startproc\n"
	"\tmovl (%rdi), %eax\n\tret\n.cfi_endproc\n.size first,.-first\n");
#elif defined(__riscv)
__asm__(".text\n.globl first\n.type first,@function\nfirst:\n.cfi_startproc\n"
	"\tlw a0, (a0)\n\tret\n.cfi_endproc\n.size first,.-first\n");
#else
__asm__(".text\n.globl first\n.type first,%function\nfirst:\n.cfi_startproc\n"
	"\tldr w0, [x0]\n\tret\n.cfi_endproc\n.size first,.-first\n");
#endif

static void last_words(int signo)
{
	sink = signo;
	abort();
}

static void inner(int signo)
{
	sink = fault(signo + 1);
}

static void outer(int signo)
{
	sink = signo;
	raise(SIGUSR2);
	sink = 0;
}

static void handle(int signo, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(signo, &action, NULL);
}

static void own_stack(void)
{
	stack_t stack = { .ss_size = 64 << 10 };

	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&stack, NULL);
}

FRAME int work(const char *way, int n)
{
	if (!strcmp(way, "nested")) {
		handle(SIGUSR1, outer, 0);
		handle(SIGUSR2, inner, 0);
		return raise(SIGUSR1) + n;
	}
	if (!strcmp(way, "altstack")) {
		own_stack();
		handle(SIGSEGV, last_words, SA_ONSTACK);
		return fault(n) + n;
	}
	handle(SIGSEGV, last_words, 0);
	if (!strcmp(way, "first"))
		return first((int *)nowhere) + n;
	return fault(n) + n;
}

int main(int argc, char **argv)
{
	return work(argc > 1 ? argv[1] : "handler", 40) + argc;
}
