package fixes_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

func version(t *testing.T, s string) haproxy.Version {
	t.Helper()
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBeyond(t *testing.T) {
	x := without(t, load(t), "3.1")
	for s, want := range map[string]bool{
		"3.1.4": true, "3.1.0": false, "3.1-dev5": false, "3.1": false, "9.9.1": false, "1.8.30": false,
		"2.6.12": false, "2.6.12-1+deb12u4": false, "2.6.99": true,
	} {
		if got := x.Beyond(version(t, s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

// TestWithPackage: what a package's changelog tells is taken only when it is of the
// branch and has all releases of it.
func TestWithPackage(t *testing.T) {
	x := without(t, load(t), "3.1")
	const head = "ChangeLog :\n===========\n\n"
	tests := []struct {
		name, version, text string
		ok                  bool
	}{
		{"of the branch", "3.1.2", head + "2025/01/29 : 3.1.3\n2025/01/09 : 3.1.2\n2024/12/11 : 3.1.1\n2024/11/26 : 3.1.0\n", true},
		{"of another", "3.1.2", head + "2025/01/09 : 3.0.8\n2024/12/11 : 3.1.1\n2025/01/09 : 3.1.2\n", false},
		{"of master", "3.1.2", head + "2025/01/09 : 3.2-dev3\n2024/12/11 : 3.1.1\n", false},
		{"a release is missing", "3.1.2", head + "2025/01/29 : 3.1.3\n2024/12/11 : 3.1.1\n", false},
		{"it is cut off", "3.1.2", head + "2025/01/29 : 3.1.3\n2025/01/09 : 3.1.2\n2024/12/11 : 3.1.1\n", false},
		{"of the package", "3.1.2", "haproxy (3.1.2-1) unstable; urgency=medium\n\n  * New upstream release.\n", false},
		{"empty", "3.1.2", "", false},
		{"not text", "3.1.2", strings.Repeat("\x00\xff", 1<<16), false},
		{"not needed", "2.6.12", head + "2023/03/28 : 2.6.1\n", false},
	}
	for _, tt := range tests {
		opened := 0
		y, ok := x.WithPackage(version(t, tt.version), func() (io.ReadCloser, error) {
			opened++
			return io.NopCloser(strings.NewReader(tt.text)), nil
		})
		if ok != tt.ok || ok && y == nil {
			t.Errorf("%s: %v", tt.name, ok)
		}
		if (opened == 0) != (tt.name == "not needed") {
			t.Errorf("%s: opened %d times", tt.name, opened)
		}
		if ok && y.Beyond(version(t, "3.1.3")) {
			t.Errorf("%s: 3.1.3 is not in it", tt.name)
		}
	}
	if _, ok := x.WithPackage(version(t, "3.1.2"), func() (io.ReadCloser, error) { return nil, errors.New("none") }); ok {
		t.Error("a changelog that is not there tells something")
	}
}
