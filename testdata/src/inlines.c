/*
 * Functions that were inlined in each other, and arguments of every type in
 * every place a compiler keeps them: then a write to address 16.
 *
 * The stack with -O2, innermost first; what is indented has no frame of its own:
 *
 *     store               slot and value, both known constants
 *     nest3               depth=3, in a register or computed
 *     nest2               depth=2
 *   nested                depth is gone after its use: known as n@entry only
 *   split.part.0          the cold half of split, if the compiler parts it
 *     split               its head, inlined in aggregates
 *   aggregates            structs and a union by value: in two registers, in
 *                         memory, in bits
 *   floats                float, double, and one of each in the same call
 *   scalars               bool, char, signed and unsigned of each width, enum, pointers
 *   unused                an argument that nobody reads: optimised out
 *   kept                  five arguments that are needed after the call, so they
 *                         live in registers that callees save, or on the stack
 *   main
 *
 * With -O0 split, nested and their like are frames, all arguments are on the stack.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define FRAME __attribute__((noipa))
#define MERGED static inline __attribute__((always_inline))

enum colour { RED, GREEN = 5, BLUE = -7 };
enum flags { FLAG_A = 1, FLAG_B = 2, FLAG_C = 4 };

struct node { struct node *next; int value; };
struct pair { long first; int second; };
struct large { uint32_t id; char name[8]; double weights[3]; struct pair inner; };
struct bits { unsigned low : 3; signed mid : 5; unsigned high : 9; bool set : 1; };
union word { uint32_t whole; struct { uint16_t low, high; } half; float real; };

static int *volatile nowhere = (int *)16;
static volatile int sink;
static struct node chain[2] = { { &chain[1], 1 }, { NULL, 2 } };

MERGED void store(int slot, int value)
{
	int *p = nowhere;

	sink = slot;
	*p = value;
}

MERGED void nest3(int depth, int by)
{
	sink = depth * by;
	store(7, 42);
}

MERGED void nest2(int depth)
{
	sink = depth;
	nest3(depth + 1, sink);
}

FRAME int nested(int depth)
{
	nest2(depth + 1);
	return sink;
}

/* Its head is small enough to be inlined, the rest is not: gcc makes split.part.0. */
static int split(int level, const char *why)
{
	if (__builtin_expect(level < 10, 1))
		return level;
	for (int i = 0; why[i]; i++) {
		sink += why[i] * i;
		sink ^= sink << 3;
		if (sink == level)
			sink -= nested(i + 100);
		if (sink % 7 == 3)
			sink /= 3;
	}
	return nested(level % 10) + level;
}

FRAME int aggregates(struct pair pair, struct large large, struct bits bits, union word word, const struct pair *where)
{
	int r = split(sink + 11, "cold");

	/* bits and where are not needed any more, the others are. */
	sink = bits.low + where->second;
	return r + split(sink, "warm") + pair.second + large.id + word.half.low;
}

FRAME double floats(float single, double twice, long double more, int between)
{
	struct pair pair = { 0x1122334455667788, -2 };
	struct large large = { 77, "seven", { 0.5, -1.25, 1e100 }, { -1, 9 } };
	struct bits bits = { 5, -9, 300, true };
	union word word = { .half = { 0x1234, 0x5678 } };

	sink = aggregates(pair, large, bits, word, &pair);
	return single + twice + more + between;
}

FRAME int scalars(bool yes, char letter, signed char small, unsigned char byte, short s, unsigned short us,
	int i, unsigned u, long l, unsigned long ul, enum colour colour, enum flags flags,
	const char *text, const struct node *node, int (*function)(int), void *nil)
{
	double d = floats(1.5f, -2.25, 3.0L, i);

	/* Half of them are needed here. */
	return d + yes + letter + s + i + l + colour + text[0] + (nil != NULL);
}

static __attribute__((noinline)) int unused(int level, int ignored, const struct node *list)
{
	return scalars(true, 'x', -3, 200, -30000, 60000, -2000000000, 4000000000u, -5000000000, 0xfedcba9876543210,
		BLUE, FLAG_A | FLAG_C, "a text", list, nested, NULL) + level;
}

FRAME int kept(int a, long b, unsigned c, struct node *d, int e, int f, int g, int h)
{
	int r = unused(a + 1, e, d);

	/* e and f are known as values at entry only. */
	return r + a + b + c + d->value + g + h;
}

int main(int argc, char **argv)
{
	(void)argv;
	return kept(argc, -2, 3, chain, 5, 6, 7, 8) + argc;
}
