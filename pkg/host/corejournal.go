package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

const (
	coredumpMessage = "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1"
	maxRecords      = 1000
	maxRecord       = 1 << 20
	journalPatience = 20 * time.Second
)

// record is what systemd-coredump writes to the journal. Without --all a long field would be null.
type record struct {
	Comm      text `json:"COREDUMP_COMM"`
	PID       text `json:"COREDUMP_PID"`
	Signal    text `json:"COREDUMP_SIGNAL"`
	Timestamp text `json:"COREDUMP_TIMESTAMP"`
	Filename  text `json:"COREDUMP_FILENAME"`
	Package   text `json:"COREDUMP_PACKAGE_VERSION"`
}

// text is a field, which is an array of numbers or of strings where it is no plain text.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
	}
	return nil
}

// journal adds what the journal has of cores: a signal and a version to those that are there, and the
// crashes whose cores are gone.
func (f *Found) journal(ctx context.Context, h *host) {
	dir := h.path("var/log/journal")
	if _, err := os.Stat(dir); err != nil && (h.tree != "/" || !h.hasJournal()) {
		return
	}
	args := []string{"--no-pager", "--quiet", "--all", "-o", "json", "-n", strconv.Itoa(maxRecords),
		"--output-fields=COREDUMP_COMM,COREDUMP_PID,COREDUMP_SIGNAL,COREDUMP_TIMESTAMP,COREDUMP_FILENAME,COREDUMP_PACKAGE_VERSION"}
	if h.tree != "/" {
		args = append(args, "-D", dir)
	}
	ctx, cancel := context.WithTimeout(ctx, journalPatience)
	defer cancel()
	child := exec.CommandContext(ctx, "journalctl", append(args, coredumpMessage)...)
	var complaint bytes.Buffer
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		f.Notes = append(f.Notes, "the journal was not read: "+err.Error())
		return
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, maxRecord)
	for lines.Scan() {
		f.record(lines.Bytes())
	}
	if lines.Err() != nil {
		cancel() // it would wait for us to read the rest
	}
	if err := child.Wait(); err != nil {
		first, _, _ := bytes.Cut(complaint.Bytes(), []byte("\n"))
		f.Notes = append(f.Notes, "the journal was not read to its end: "+string(first)+" ("+err.Error()+")")
	}
}

// record adds one record.
func (f *Found) record(line []byte) {
	var r record
	if json.Unmarshal(line, &r) != nil || !haproxy.IsProgram(string(r.Comm)) {
		return
	}
	pid, _ := strconv.Atoi(string(r.PID))
	signal, _ := strconv.Atoi(string(r.Signal))
	micro, _ := strconv.ParseInt(string(r.Timestamp), 10, 64)
	at := time.UnixMicro(micro).UTC()
	for i := range f.Leavings {
		l := &f.Leavings[i]
		same := r.Filename != "" && filepath.Base(l.Path) == filepath.Base(string(r.Filename))
		if same || pid != 0 && l.PID == pid && l.Time.Sub(at).Abs() < time.Minute {
			l.Signal, l.Version = signal, string(r.Package)
			return
		}
	}
	l := Leaving{Time: at, PID: pid, Source: "journal", Presence: Missing, Signal: signal, Version: string(r.Package)}
	f.Leavings = append(f.Leavings, l)
}
