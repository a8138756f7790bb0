package elfcore

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/internal/smallcores"
)

// gdb is the oracle: threads in its order, registers of each.
func TestRegistersAsGDB(t *testing.T) {
	coretest.Need(t, "gdb", "gdb")
	for _, name := range []string{"threads", "threads-static", "layers"} {
		b := smallcores.Bytes(t, name)
		path := filepath.Join(t.TempDir(), "core")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-c", path,
			"-ex", "info threads", "-ex", "thread apply all -ascending info registers").CombinedOutput()
		if err != nil {
			t.Fatalf("gdb: %v\n%s", err, out)
		}
		_, text, _ := strings.Cut(string(out), "Id   Target Id")
		blocks := strings.Split(text, "\nThread ")[1:]
		c := open(t, b)
		if len(blocks) != len(c.Threads) {
			t.Fatalf("%s: gdb lists %d threads, we %d:\n%s", name, len(blocks), len(c.Threads), out)
		}
		for i, block := range blocks {
			th := &c.Threads[i]
			if want := fmt.Sprintf("LWP %d", th.LWP); !strings.Contains(block, want) && len(blocks) > 1 {
				t.Errorf("%s: thread %d is not %s in gdb: %.60s", name, i, want, block)
			}
			for _, n := range c.Machine.Manual {
				reg := c.Machine.RegisterName(n)
				m := regexp.MustCompile(`(?m)^` + reg + `\s+(0x[0-9a-f]+)`).FindStringSubmatch(block)
				value, _ := th.Registers.Get(n)
				if m == nil || m[1] != fmt.Sprintf("%#x", value) {
					t.Errorf("%s: thread %d: %s is %#x, in gdb %v", name, i, reg, value, m)
				}
			}
		}
	}
}
