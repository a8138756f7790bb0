package elfcore

import (
	"bytes"
	"testing"
)

// open opens bytes that must be a core.
func open(t testing.TB, b []byte) *Core {
	t.Helper()
	c, err := Open(bytes.NewReader(b), int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
