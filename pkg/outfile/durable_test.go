package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestDurable: Create never replaces, Save does; both leave a file of the owner's alone and nothing
// beside it, by way of a nameless file as by a name of its own.
func TestDurable(t *testing.T) {
	for name, put := range map[string]func(string, []byte) error{"Create": Create, "createBeside": createBeside, "Save": Save} {
		dir := t.TempDir()
		file := filepath.Join(dir, "file")
		if err := put(file, []byte("first")); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		err, want := put(file, []byte("second")), "first"
		if name == "Save" {
			want = "second"
		} else if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s over a file: %v", name, err)
		}
		got, _ := os.ReadFile(file)
		st, err := os.Stat(file)
		if err != nil || string(got) != want || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %q, %v, %v", name, got, st.Mode(), err)
		}
		if all, _ := os.ReadDir(dir); len(all) != 1 {
			t.Errorf("%s leaves %v", name, all)
		}
		if put(filepath.Join(dir, "nowhere", "file"), nil) == nil {
			t.Errorf("%s: no error where there is no directory", name)
		}
	}
}
