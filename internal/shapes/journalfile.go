package shapes

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// JournalFile makes a journal of entries in the export format, as systemd-journal-remote writes it.
func JournalFile(t testing.TB, export string) string {
	t.Helper()
	const remote = "/lib/systemd/systemd-journal-remote"
	coretest.Need(t, "journalctl", "systemd")
	coretest.Need(t, remote, "systemd-journal-remote")
	name := filepath.Join(t.TempDir(), "x.journal")
	cmd := exec.Command(remote, "--output="+name, "-")
	cmd.Stdin = strings.NewReader(export)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return name
}

// Entry writes an entry in the export format: name, value, and so on. A value with newlines has
// its size before it. The number is that of the entry, one a second.
func Entry(number int, fields ...string) string {
	var b strings.Builder
	us := start.UnixMicro() + int64(number)*1e6
	fmt.Fprintf(&b, "__CURSOR=s=a;i=%x\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%032x\n_HOSTNAME=lb1\n", number+1, us, 1e9+number*1e6, 11)
	for i := 0; i < len(fields); i += 2 {
		b.WriteString(exportField(fields[i], fields[i+1]))
	}
	b.WriteString("\n")
	return b.String()
}
