package watch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// entry is a line of a source.
type entry struct {
	line []byte // without its end
	// cursor is where to go on behind it.
	cursor string
}

// feed gives lines for as long as ctx lasts.
type feed interface {
	// name is that of its cursor in the state, and of its lines in reports.
	name() string
	// end is the cursor of where the source ends now, to which a watch goes that has not read it
	// before; empty leaves that to follow.
	end() string
	// follow gives the lines behind the cursor; empty is the source's own beginning. It returns
	// when ctx ends, or with what must be told.
	follow(ctx context.Context, cursor string, emit func(entry) error) error
}

// maxLine bounds a line, in bytes: a journal's entry holds a whole stack.
const maxLine = 4 << 20

// eachLine gives the lines of r. Of one that is too long the beginning is given.
func eachLine(r io.Reader, emit func([]byte) error) error {
	b := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for {
		part, err := b.ReadSlice('\n')
		if room := maxLine - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return err // a line without its end is not whole yet
		}
		if err := emit(bytes.Clone(bytes.TrimRight(line, "\r\n"))); err != nil {
			return err
		}
		line = line[:0]
	}
}

// journal is a journalctl child that follows the journal.
type journal struct {
	command []string // journalctl, or what stands in for it
	matches []string
	since   string // where to begin without a cursor
	once    bool   // up to its end, and no further
}

func (j *journal) name() string { return "journal" }

func (j *journal) end() string { return "" } // it begins with what is recent

// follow reads one child until it ends.
//
// Folklore: without --all a field of more than 4096 bytes is null. journalctl dies when the journal
// is rotated under it ("Bad message"), and refuses a cursor that it cannot read; one that is older
// than all entries makes it begin at the first.
func (j *journal) follow(ctx context.Context, cursor string, emit func(entry) error) error {
	args := append(j.command[1:len(j.command):len(j.command)], "--output=json", "--all", "--no-pager", "--quiet")
	if !j.once {
		args = append(args, "--follow")
	}
	if cursor != "" {
		args = append(args, "--lines=all", "--after-cursor="+cursor)
	} else {
		args = append(args, "--lines=all", "--since="+j.since)
	}
	cmd := exec.CommandContext(ctx, j.command[0], append(args, j.matches...)...)
	cmd.WaitDelay = time.Second
	var said tail
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", j.command[0], err)
	}
	err = eachLine(out, func(line []byte) error {
		c := journalCursor(line)
		if c == "" {
			return nil
		}
		cursor = c
		return emit(entry{line: line, cursor: c})
	})
	_, _ = io.Copy(io.Discard, out)
	ended := cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if j.once && ended == nil {
		return err
	}
	if strings.Contains(said.String(), "cursor") {
		return errBadCursor
	}
	return errors.Join(err, fmt.Errorf("journalctl ended (%v) %s", ended, said.String()))
}

// errBadCursor: the cursor is of another journal.
var errBadCursor = errors.New("the journal does not know the place at which it was left; reading from its last hour")

// journalCursor is the field __CURSOR of an entry.
func journalCursor(line []byte) string {
	_, rest, ok := bytes.Cut(line, []byte(`"__CURSOR"`))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, ": ")
	if len(rest) == 0 || rest[0] != '"' {
		return ""
	}
	value, _, ok := bytes.Cut(rest[1:], []byte(`"`))
	if !ok || len(value) > 512 {
		return ""
	}
	return string(value)
}

// tail keeps the end of what a child says.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 512
	t.b = append(t.b, p...)
	if len(t.b) > most {
		t.b = append(t.b[:0], t.b[len(t.b)-most:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.Join(strings.Fields(string(t.b)), " ") }

// kernel is the kernel's ring, for hosts without a journal: "6,1234,5678;text".
type kernel struct{ path string }

func (k *kernel) name() string { return "kernel" }

func (k *kernel) end() string { return "" } // the ring is short

func (k *kernel) follow(ctx context.Context, cursor string, emit func(entry) error) error {
	f, err := os.Open(k.path)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { f.Close() })
	defer stop()
	boot, id := time.Now().Add(-uptime()), bootID()
	b := make([]byte, 16<<10)
	for {
		n, err := f.Read(b)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if strings.Contains(err.Error(), "broken pipe") { // records were lost
				continue
			}
			return err
		}
		record, _, _ := strings.Cut(string(b[:n]), "\n")
		head, text, ok := strings.Cut(record, ";")
		fields := strings.Split(head, ",")
		if !ok || len(fields) < 3 || !newer(id, fields[1], cursor) {
			continue
		}
		cursor = id + " " + fields[1]
		at := boot.Add(micros(fields[2])).UTC().Format("2006-01-02T15:04:05.000000Z07:00")
		if err := emit(entry{line: []byte(at + " " + hostname() + " kernel: " + text), cursor: cursor}); err != nil {
			return err
		}
	}
}
