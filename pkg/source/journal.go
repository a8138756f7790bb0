package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// journalFields are those that tell of crashes and of who wrote what (package envelope reads
// them). A core in the journal itself is not among them.
const journalFields = "MESSAGE,MESSAGE_ID,PRIORITY,SYSLOG_IDENTIFIER,SYSLOG_PID,_COMM,_EXE,_PID,_HOSTNAME,_SYSTEMD_UNIT,_TRANSPORT,_SOURCE_REALTIME_TIMESTAMP,UNIT,EXIT_CODE,EXIT_STATUS,CONTAINER_NAME,IMAGE_NAME," +
	"COREDUMP_PID,COREDUMP_UID,COREDUMP_COMM,COREDUMP_EXE,COREDUMP_CMDLINE,COREDUMP_SIGNAL,COREDUMP_SIGNAL_NAME,COREDUMP_TIMESTAMP,COREDUMP_FILENAME,COREDUMP_TRUNCATED,COREDUMP_PACKAGE_NAME,COREDUMP_PACKAGE_VERSION,COREDUMP_PACKAGE_JSON,COREDUMP_UNIT,COREDUMP_HOSTNAME,COREDUMP_THREAD_NAME,COREDUMP_TID"

// journal reads a journal file by journalctl, for the format is systemd's own and changes.
// The child gets the open file: names do not matter to it, nor what becomes of them.
func (w *walker) journal(in *Input) bool {
	f, ok := in.At.(*os.File)
	copied := ""
	if !ok { // compressed, or a part of something larger
		t, err := newNamed(w.o.TempDir)
		if err != nil {
			return w.fail(in.Name, err)
		}
		in.closers = append(in.closers, t)
		s := spool{ctx: w.ctx, f: t.File, room: NewRoom(t.File)}
		if _, err := s.copy(in.content()); err != nil {
			return w.fail(in.Name, err)
		}
		f, copied = t.File, t.path
	}
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	child, err := w.startJournalctl(ctx, f)
	if err != nil {
		return w.fail(in.Name, err)
	}
	text := &Input{Name: in.Name, Kind: Log, Compression: in.Compression, Size: in.Size, Reader: child, Problems: in.Problems}
	head, err := readHead(child, 1)
	if copied != "" {
		_ = os.Remove(copied) // it is open; journalctl refuses what has no name
	}
	if len(head) == 0 {
		return w.fail(in.Name, cmp.Or(child.end(), err, errNoEntries))
	}
	text.Reader = rejoin(head, child)
	child.in = text
	goOn := w.give(in.Name, text, nil)
	cancel()
	_ = child.end() // it was told, or nobody wanted the rest
	return goOn
}

// journalctl is the child, whose output is read.
type journalctl struct {
	io.Reader
	cmd       *exec.Cmd
	complaint bytes.Buffer
	in        *Input // that is told what went wrong
	err       error
	ended     bool
}

func (w *walker) startJournalctl(ctx context.Context, f *os.File) (*journalctl, error) {
	args := []string{"--file=/proc/self/fd/3", "-o", "export", "--no-pager", "--quiet", "--utc", "--output-fields=" + journalFields}
	if !w.o.Since.IsZero() {
		args = append(args, fmt.Sprintf("--since=@%d", w.o.Since.Unix()))
	}
	if !w.o.Until.IsZero() {
		args = append(args, fmt.Sprintf("--until=@%d", w.o.Until.Unix()+1))
	}
	c := &journalctl{cmd: exec.CommandContext(ctx, "journalctl", args...)}
	c.cmd.ExtraFiles = []*os.File{f}
	c.cmd.Env = []string{"LC_ALL=C", "SYSTEMD_LOG_LEVEL=err"}
	c.cmd.Stderr = &firstBytes{&c.complaint}
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		return nil, errors.New("a journal file, and journalctl cannot be run here; pipe in what journalctl --file=… -o export prints elsewhere")
	}
	c.Reader = out
	return c, nil
}

// Read tells at the end of the output how the child ended.
func (c *journalctl) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if err == io.EOF && c.in != nil {
		if e := c.end(); e != nil {
			c.in.problem(e.Error())
		}
	}
	return n, err
}

// end waits for the child, and says what it refused.
func (c *journalctl) end() error {
	if c.ended {
		return c.err
	}
	c.ended = true
	err := c.cmd.Wait()
	line, _, _ := strings.Cut(strings.TrimSpace(c.complaint.String()), "\n")
	switch {
	case line != "":
		c.err = fmt.Errorf("journalctl: %s; read it with the journalctl of the host that wrote it, -o export, and pipe that in", lowerFirst(line))
	case err != nil:
		c.err = fmt.Errorf("journalctl: %w", err)
	}
	return c.err
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

var errNoEntries = errors.New("a journal without entries, or with none in the time asked for; nothing to analyse")

// firstBytes keeps the start of what a child complains of.
type firstBytes struct{ b *bytes.Buffer }

func (f *firstBytes) Write(p []byte) (int, error) {
	f.b.Write(p[:min(len(p), max(0, 1024-f.b.Len()))])
	return len(p), nil
}
