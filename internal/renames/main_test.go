package main

import (
	"slices"
	"strings"
	"testing"
)

func TestRenames(t *testing.T) {
	diff := `diff --git a/src/stconn.c b/src/stconn.c
--- a/src/stconn.c
+++ b/src/stconn.c
@@ -10 +10 @@ x
-static int cs_conn_recv(struct conn_stream *cs)
+static int sc_conn_recv(struct conn_stream *cs)
@@ -20,2 +20 @@ y
-int gone(int a)
-int one(int a)
+int other(int a)
@@ -30 +29 @@ same name, other type
-int stays(void)
+static int stays(void)
@@ -40 +40 @@ other parameters
-int first(int a)
+int second(int a, int b)
@@ -50 +50 @@ no definition
-	if (old(x))
+	if (new(x))
`
	if got := renames(strings.NewReader(diff)); !slices.Equal(got, []string{"cs_conn_recv sc_conn_recv"}) {
		t.Errorf("%q", got)
	}
}
