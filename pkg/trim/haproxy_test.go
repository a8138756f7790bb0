package trim

import (
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/internal/oracle"
	"github.com/hacrash/hacrash/pkg/module"
)

// atRandom ends HAProxy at a random moment under load.
func atRandom(p *haproxytest.Process, s *haproxytest.Secrets) {
	stop := p.Load(s, false)
	time.Sleep(50*time.Millisecond + rand.N(400*time.Millisecond))
	_ = syscall.Kill(p.PID, syscall.SIGABRT)
	stop()
}

// command ends it by one of the CLI, under load.
func command(line string) func(*haproxytest.Process, *haproxytest.Secrets) {
	return func(p *haproxytest.Process, s *haproxytest.Secrets) {
		stop := p.Load(s, false)
		p.CLI("expert-mode on; " + line)
		stop()
	}
}

// TestHAProxy crashes Debian's HAProxys under load. The small core has the frames of the
// original, and nothing that is secret.
func TestHAProxy(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes HAProxy two dozen times")
	}
	for _, suite := range []string{"", "bullseye", "trixie", "sid"} {
		t.Run("suite "+suite, func(t *testing.T) {
			root := ""
			if suite != "" {
				root = debiansuite.Root(t, suite, suite == "sid")
			}
			ways := map[string]func(*haproxytest.Process, *haproxytest.Secrets){
				"panic": command("debug dev panic"), "loop": command("debug dev loop 60000"), "segfault": command("debug dev tkill 2 11"),
			}
			moments := 3
			if suite != "" && os.Getenv("HACRASH_LONG") == "" {
				moments = 1
			}
			for i := range moments {
				ways[fmt.Sprint("moment ", i+1)] = atRandom
			}
			for name, end := range ways {
				t.Run(name, func(t *testing.T) { smallHAProxy(t, root, end) })
			}
		})
	}
}

func smallHAProxy(t *testing.T, root string, end func(*haproxytest.Process, *haproxytest.Secrets)) {
	t.Helper()
	o, secrets := haproxytest.Loaded(t, haproxytest.Options{Root: root})
	p := haproxytest.Start(t, o)
	end(p, secrets)
	p.Wait()
	core, exe := read(t, p.Core()), haproxytest.Program(t, root)
	if found := secrets.In(core); len(found) < 10 {
		t.Errorf("the core itself holds only %v", found)
	}
	small := trimmed(t, core, module.Options{Executable: exe, Sysroot: root})
	t.Logf("%d bytes of %d", len(small.Bytes), len(core))
	for _, problem := range small.Problems {
		t.Error(problem)
	}
	for name, n := range secrets.In(small.Bytes) {
		t.Errorf("%s is left, %d times", name, n)
	}
	// eu-stack knows the libraries of the host only.
	sameFrames(t, exe, p.Core(), small.Bytes, oracle.Options{Sysroot: root}, root != "")
}
