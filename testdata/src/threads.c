/* Three threads, the second of which writes to address 8; the others wait. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct node { struct node *next; long value; };

static pthread_barrier_t ready;
static struct node *volatile nothing;

static __attribute__((noinline)) void store(struct node *n, long value)
{
	n->value = value; /* n is NULL */
}

static void *waiting(void *arg)
{
	pthread_barrier_wait(&ready);
	for (;;)
		pause();
	return arg;
}

static void *failing(void *arg)
{
	pthread_barrier_wait(&ready);
	usleep(50000); /* let the others reach their pause() */
	store(nothing, 42);
	return arg;
}

int main(void)
{
	pthread_t a, b;

	strcpy(malloc(64), "text on the heap");
	pthread_barrier_init(&ready, NULL, 3);
	pthread_create(&a, NULL, failing, NULL);
	pthread_create(&b, NULL, waiting, NULL);
	waiting(NULL);
	return 0;
}
