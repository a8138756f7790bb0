package history

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// put writes a file below root.
func put(t *testing.T, root, name string, data []byte) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPackageChangelog(t *testing.T) {
	const text = "2023/09/08 : 2.8.3\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(text))
	z.Close()
	for _, tt := range []struct {
		name string
		data []byte
	}{
		{"usr/share/doc/haproxy/changelog.gz", packed.Bytes()},
		{"usr/share/doc/haproxy/CHANGELOG", []byte(text)},
		{"usr/share/doc/packages/haproxy/CHANGELOG", []byte(text)},
	} {
		root := t.TempDir()
		put(t, root, tt.name, tt.data)
		put(t, root, "usr/share/doc/haproxy/changelog.Debian.gz", []byte("haproxy (2.8.3-1) unstable\n"))
		file, err := PackageChangelog(root)()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got, err := io.ReadAll(file); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
}

// A link in a sysroot may lead out of it, and a pipe there may never end.
func TestPackageChangelogElsewhere(t *testing.T) {
	outside := t.TempDir()
	put(t, outside, "CHANGELOG", []byte("2023/09/08 : 2.8.3\n"))
	root := t.TempDir()
	put(t, root, "usr/share/doc/haproxy/README", nil)
	if err := os.Symlink(filepath.Join(outside, "CHANGELOG"), filepath.Join(root, "usr/share/doc/haproxy/CHANGELOG")); err != nil {
		t.Fatal(err)
	}
	if file, err := PackageChangelog(root)(); err == nil {
		t.Errorf("%v was read out of the sysroot", file)
	}
	if _, err := PackageChangelog(filepath.Join(root, "absent"))(); err == nil {
		t.Error("a sysroot that is not there has a changelog")
	}
}

func TestParseSources(t *testing.T) {
	got, err := ParseSources([]string{"3.0=CHANGELOG", "2.8=dir=with", "haproxy-stable"})
	want := []Source{{"3.0", "CHANGELOG"}, {"2.8", "dir=with"}, {"", "haproxy-stable"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "=x", "3.0="} {
		if _, err := ParseSources([]string{bad}); err == nil {
			t.Errorf("%q is taken for a source", bad)
		}
	}
}
