/*
 * As many threads as the first argument says, each in a stack of a dozen
 * functions, some of them inlined, all at work; then the last one writes to
 * address 16. What it takes to tell all their stacks is what it is for.
 *
 * The stack of a worker, innermost first; what is indented has no frame of its own:
 *
 *   pause
 *     rest                 inlined
 *   leaf                   depth=0
 *   descend                depth=1 … 7, one frame each
 *     serve                inlined
 *   worker
 *   start_thread …
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define FRAME __attribute__((noipa))
#define MERGED static inline __attribute__((always_inline))

struct work { int number; int last; uint64_t done; struct work *next; };

static pthread_barrier_t ready;
static struct work *volatile nothing;
static volatile int sink;

MERGED void rest(const struct work *w)
{
	sink = w->number;
	for (;;)
		pause();
}

FRAME int leaf(struct work *w, int depth)
{
	pthread_barrier_wait(&ready);
	if (w->last) {
		usleep(100000); /* let the others reach their pause() */
		nothing->next = w; /* at address 16 */
	}
	rest(w);
	return depth;
}

FRAME int descend(struct work *w, int depth, uint64_t salt)
{
	int r;

	w->done += salt;
	r = depth > 1 ? descend(w, depth - 1, salt * 31 + depth) : leaf(w, 0);
	return r + depth + (int)w->done;
}

MERGED int serve(struct work *w, int rounds)
{
	int sum = 0;

	for (int i = 0; i < rounds; i++)
		sum += descend(w, 7, w->number + i);
	return sum;
}

static void *worker(void *arg)
{
	struct work *w = arg;

	sink = serve(w, 3);
	return arg;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 4;
	struct work *all = calloc(n, sizeof(*all));
	pthread_t id;

	pthread_barrier_init(&ready, NULL, n);
	for (int i = 1; i < n; i++) {
		all[i].number = i;
		all[i].last = i == n - 1;
		pthread_create(&id, NULL, worker, &all[i]);
	}
	worker(all);
	return 0;
}
