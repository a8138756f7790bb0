package history

import (
	"strings"
	"testing"
)

const twoCommits = `commit 1111111111111111111111111111111111111111

diff --git a/src/a.c b/src/a.c
index 1..2 100644
--- a/src/a.c
+++ b/src/a.c
@@ -10,2 +10,3 @@ static int before(struct x *x)
-	old_call(x);
+	new_call(x, "called()"); /* not_called() */
+	BUG_ON(x->wait_event && !x->sedesc);
@@ -30,0 +32,6 @@ static int before(struct x *x)
+/* A comment of two
+ * lines with words() */
+static inline struct y *added(int a,
+                              int b)
+{
+	return helper(a, b);
+}
@@ -50,0 +60,2 @@ static struct cli_kw_list cli_kws = {{ },{
+	{ { "show", "x" }, NULL, cli_parse_x },
+INITCALL1(STG_REGISTER, cli_register_kw, &cli_kws);
@@ -70 +80 @@ int __attribute__((noinline)) spread(int a)
- * only a comment changes here
+ * only a comment changed here
@@ -90 +100 @@ static void __attribute__((noreturn)) last(void)
+	sizeof(x);
diff --git a/doc/a.txt b/doc/a.txt
@@ -1 +1 @@ foo()
+	bar(baz);
commit 2222222222222222222222222222222222222222
commit 3333333333333333333333333333333333333333

diff --git a/include/h.h b/include/h.h
@@ -1 +1 @@
+int declared(int a);
`

func TestDifference(t *testing.T) {
	var got []string
	d := &difference{conditions: map[string]bool{"wait_event": true, "sedesc": true, "unused": true}, done: func(hash string, t touched) {
		got = append(got, hash[:1]+" "+strings.Join(t.files, ",")+" | "+strings.Join(t.changed, ",")+" | "+strings.Join(t.called, ",")+" | "+strings.Join(t.words, ","))
	}}
	if err := d.read(strings.NewReader(twoCommits)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 src/a.c | added,before,last | helper,new_call,old_call | sedesc,wait_event",
		"2  |  |  | ",
		"3 include/h.h |  |  | ",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func FuzzDifference(f *testing.F) {
	f.Add(twoCommits)
	f.Add("diff --git a/x.c b/x.c\n@@ -1 +1 @@ a(\n+\"\\\n-/*\n+)}\n")
	f.Fuzz(func(t *testing.T, s string) {
		d := &difference{done: func(hash string, got touched) {
			if len(got.files) > maxFiles || len(got.called) > maxCalled {
				t.Errorf("%d files, %d calls", len(got.files), len(got.called))
			}
		}}
		if err := d.read(strings.NewReader(s)); err != nil {
			t.Fatal(err)
		}
	})
}
