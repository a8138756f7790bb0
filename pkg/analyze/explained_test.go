package analyze_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/crash"
)

// TestSpinIsExplained makes Debian's HAProxys spin: the log, the core, and both name
// the flags of the dump as the version has them, and say what stands out. The client
// has sent nothing yet when the applet is run first, and waits until there is room.
func TestSpinIsExplained(t *testing.T) {
	for _, b := range []struct {
		suite, says string
		flags       map[string]string
	}{
		{"", "the front side waits for room in the request channel (SC_FL_NEED_ROOM); the applet CLI on the back side (st0=0, CLI_ST_INIT) makes room by reading",
			map[string]string{"strm.flags": "SF_BE_ASSIGNED", "scf.flags": "SC_FL_NEED_ROOM", "scb.flags": "SC_FL_ISBACK", "sab.st0": "CLI_ST_INIT",
				"cof.flags": "CO_FL_XPRT_READY CO_FL_CTRL_READY", "rqf": "CF_AUTO_CONNECT CF_AUTO_CLOSE", "rpf": "CF_ISRESP CF_AUTO_CLOSE"}},
		{"bullseye", "the front side waits for room in the request channel (SI_FL_RXBLK_ROOM); the applet CLI on the back side (st0=0, CLI_ST_INIT) makes room by reading",
			map[string]string{"sif.flags": "SI_FL_RX_WAIT_EP SI_FL_RXBLK_ROOM SI_FL_WAIT_DATA", "csf.flags": "CS_FL_MAY_SPLICE CS_FL_RCV_MORE", "ab.st0": "CLI_ST_INIT"}},
	} {
		t.Run("suite "+b.suite, func(t *testing.T) {
			root := ""
			if b.suite != "" {
				root = debiansuite.Root(t, b.suite, false)
			}
			p := haproxytest.Start(t, haproxytest.Options{Root: root, MasterWorker: true})
			p.Spin(spinRate)
			p.Wait()
			log := filepath.Join(t.TempDir(), "haproxy.log")
			if err := os.WriteFile(log, []byte(p.Stderr()), 0o600); err != nil {
				t.Fatal(err)
			}
			for name, inputs := range map[string][]string{"log": {log}, "core": {p.Core()}, "core and log": {p.Core(), log}} {
				c := one(t, name, inputs, root)
				if c == nil || c.Stream == nil {
					t.Errorf("%s: no stream", name)
					continue
				}
				for field, want := range b.flags {
					i := slices.IndexFunc(c.Stream.Fields, func(f crash.Field) bool { return f.Name == field })
					if i < 0 || strings.Join(c.Stream.Fields[i].Flags, " ") != want {
						t.Errorf("%s: %s is not %s: %+v", name, field, want, c.Stream.Fields)
					}
				}
				if !slices.ContainsFunc(c.Observations, func(o crash.Observation) bool { return o.Text == b.says }) {
					t.Errorf("%s: observations %+v, want %q", name, c.Observations, b.says)
				}
			}
		})
	}
}
