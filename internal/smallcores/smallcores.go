// Package smallcores gives tests the cores of testdata/cores. It knows where they
// lie and how they are packed; only tests import it.
package smallcores

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Bytes unpacks the core of a program: threads, layers …
func Bytes(t testing.TB, name string) []byte {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	packed, err := os.ReadFile(filepath.Join(filepath.Dir(here), "../../testdata/cores", name+".core.zst"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, err := d.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
