package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefinitions(t *testing.T) {
	const src = `
/* int not_me(void) { } */
static inline struct buf *one(int a)
{
	if (a) { return two(a); }
}
struct task * __attribute__((noinline, cold)) two(struct task *t) { return t; }
int declared(int x);
static struct foo list = { .f = three_not(1), };
extern "C" {
int three(void)
#ifdef A
{
	if (x) {
#else
{
	if (y) {
#endif
	}
}
}
#define MAKE(ret, pfx, name, arg) ret pfx##_##name##_insert(arg)
#define BOTH(name) static int name##_set(int v) { return v; } static int name##_get(void) { return 0; }
MAKE(struct node *, eb32, item, struct node *n) {
}
BOTH(level)
BOTH(depth);
static int
old_style(void)
{
}
int last(void) {}
`
	macros, names := map[string]macro{}, map[string]bool{}
	definitions(tokenize(separate([]byte(src), macros)), macros, names, 0)
	want := strings.Fields("depth_get depth_set eb32_item_insert last level_get level_set old_style one three two")
	if d := cmp.Diff(want, slices.Sorted(maps.Keys(names))); d != "" {
		t.Error(d)
	}
}
