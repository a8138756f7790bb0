/*
 * Values of every shape that one meets in a C program: bit fields, unions without a name,
 * arrays of arrays, lists, trees, and such as are broken. It aborts in show().
 *
 * The lists are rings of two pointers, the trees elastic binary ones: the lowest
 * bit of a branch says whether a node (1) or a leaf (0) is there.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum colour { RED, GREEN = 5, BLUE };

struct link { struct link *next, *prev; };
struct node { void *branch[2], *parent, *leaf; short bit; unsigned short prefix; };
struct root { void *branch[2]; };

struct hidden;                 /* defined in no place that show() sees through a pointer */

struct item {
	int number;
	struct link link;
	struct item *following;
	struct node node;
	char name[8];
};

struct shape {
	uint8_t tag;
	unsigned low : 3, middle : 7;
	int negative : 5;
	unsigned long long wide : 40;
	union {
		uint64_t whole;
		struct { uint32_t lower, upper; };
	};
	enum colour colour;
	int16_t table[3][4];
	const char *text, *nowhere, *nothing;
	struct item *item;
	struct hidden *hidden;
	struct item some[2];
	double real;
};

static struct item items[4];
struct link good, torn, turning, changing, empty;
struct root tree, stump, hollow;
struct shape shape;
static struct shape *volatile shown;

__attribute__((noipa)) void show(struct shape *s)
{
	shown = s;
	abort();
}

static void ring(struct link *head, int n)
{
	struct link *last = head;
	for (int i = 0; i < n; i++) {
		items[i].number = 100 + i;
		items[i].link.prev = last;
		last->next = &items[i].link;
		last = &items[i].link;
	}
	last->next = head;
	head->prev = last;
}

static void *leaf(struct item *i) { return &i->node; }
static void *inner(struct item *i) { return (char *)&i->node + 1; }

int main(void)
{
	static struct item lost[3];

	ring(&good, 3);
	empty.next = empty.prev = &empty;
	items[0].following = &items[2];
	items[2].following = &items[1];

	/* An element whose way back was overwritten, and one whose neighbour is being changed. */
	torn.next = &lost[0].link;
	lost[0].link.prev = &torn;
	lost[0].link.next = &lost[1].link;
	lost[1].link.prev = (struct link *)0x4242424242424242;
	changing.next = (struct link *)1;
	/* One that never comes back to its head. */
	turning.next = &lost[2].link;
	lost[2].link.prev = &turning;
	lost[2].link.next = &lost[2].link;
	lost[2].following = &lost[2];

	/* items: 1 and 2 below the node of 2, 0 on the other side of the node of 0 */
	tree.branch[0] = inner(&items[0]);
	items[0].node.branch[0] = inner(&items[2]);
	items[0].node.branch[1] = leaf(&items[0]);
	items[2].node.branch[0] = leaf(&items[1]);
	items[2].node.branch[1] = leaf(&items[2]);
	stump.branch[0] = inner(&lost[0]);
	lost[0].node.branch[0] = leaf(&lost[1]);
	lost[0].node.branch[1] = inner(&lost[0]);

	shape = (struct shape){
		.tag = 7, .low = 5, .middle = 99, .negative = -3, .wide = 0x123456789aULL, .whole = 0x1111111122222222ULL,
		.colour = GREEN, .text = "some text", .nowhere = (char *)0x4242424242424242, .item = &items[1],
		.hidden = (struct hidden *)&items[3], .some = { { .number = 31 }, { .number = 32, .name = "no end!!" } }, .real = 1.5,
	};
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 4; k++)
			shape.table[i][k] = 10 * i - k;
	show(&shape);
	return 0;
}
