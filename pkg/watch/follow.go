package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// logFile is a file that grows, is renamed when it is full, and made anew or cut.
type logFile struct {
	path string
	poll time.Duration
	once bool // up to its end, and no further
}

// filePlace is where the reading of a file goes on.
type filePlace struct {
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
	// Head is a hash of the first bytes of the file, HeadLen how many: an inode comes back after a
	// file was removed, and a file that was cut and has grown again is longer than the offset.
	Head    string `json:"head,omitempty"`
	HeadLen int    `json:"head_len,omitempty"`
}

func (l *logFile) name() string { return l.path }

func (l *logFile) end() string {
	st, err := os.Stat(l.path)
	if err != nil || l.once {
		return ""
	}
	at := filePlace{Inode: inode(st), Offset: st.Size()}
	if f, err := os.Open(l.path); err == nil {
		at.remember(f)
		f.Close()
	}
	b, _ := json.Marshal(at)
	return string(b)
}

// follow reads the file, and the one that takes its place when it is renamed.
func (l *logFile) follow(ctx context.Context, cursor string, emit func(entry) error) error {
	var at filePlace
	known := json.Unmarshal([]byte(cursor), &at) == nil && at.Inode != 0
	var f *os.File
	defer func() { f.Close() }()
	if known {
		f = l.rotated(&at)
	}
	for {
		if f == nil {
			f = l.open(&at)
		}
		if f != nil {
			if err := l.read(f, &at, emit); err != nil {
				return err
			}
			if l.replaced(f, &at) {
				// What was written until the rename is read before the new one is opened.
				if err := l.read(f, &at, emit); err != nil {
					return err
				}
				missed := l.between(f)
				f.Close()
				f, at = nil, filePlace{}
				if len(missed) > 0 {
					f = l.openAt(missed[0], &at)
				}
				continue
			}
		}
		if l.once {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(l.poll):
		}
	}
}

// rotated opens the file that was read last, if it was renamed since: a sibling with its inode.
func (l *logFile) rotated(at *filePlace) *os.File {
	dir, base := ".", l.path
	if i := strings.LastIndexByte(l.path, '/'); i >= 0 {
		dir, base = l.path[:i+1], l.path[i+1:]
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), base) || e.Name() == base {
			continue
		}
		if st, err := e.Info(); err == nil && inode(st) == at.Inode {
			if f, err := os.Open(dir + e.Name()); err == nil && at.fits(f) {
				return f
			} else if err == nil {
				f.Close()
			}
		}
	}
	return nil
}

// between gives the files that took the place of one and were renamed themselves meanwhile, the
// oldest first.
func (l *logFile) between(old *os.File) (names []string) {
	was, err := old.Stat()
	if err != nil {
		return nil
	}
	all, _ := filepath.Glob(l.path + "?*")
	when := map[string]time.Time{}
	for _, name := range all {
		st, err := os.Stat(name)
		if err == nil && st.Mode().IsRegular() && inode(st) != inode(was) && st.ModTime().After(was.ModTime()) && !packed(name) {
			names = append(names, name)
			when[name] = st.ModTime()
		}
	}
	slices.SortFunc(names, func(a, b string) int { return when[a].Compare(when[b]) })
	return names
}

func packed(name string) bool {
	return slices.Contains([]string{".gz", ".xz", ".zst", ".bz2"}, filepath.Ext(name))
}

// openAt opens a file from its beginning.
func (l *logFile) openAt(name string, at *filePlace) *os.File {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil
	}
	*at = filePlace{Inode: inode(st)}
	return f
}

// open opens the file at its path; one that is not the one that was read is read from its beginning.
func (l *logFile) open(at *filePlace) *os.File {
	f, err := os.OpenFile(l.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		f.Close()
		return nil
	}
	if inode(st) != at.Inode || !at.fits(f) {
		*at = filePlace{Inode: inode(st)}
	}
	return f
}

// fits says that a file is the one that was read: no shorter, with the same beginning.
func (at *filePlace) fits(f *os.File) bool {
	st, err := f.Stat()
	if err != nil || st.Size() < at.Offset {
		return false
	}
	return at.HeadLen == 0 || headOf(f, at.HeadLen) == at.Head
}

// remember keeps how the file begins.
func (at *filePlace) remember(f *os.File) {
	if st, err := f.Stat(); err == nil {
		n := int(min(256, st.Size()))
		at.Head, at.HeadLen = headOf(f, n), n
	}
}

func headOf(f *os.File, n int) string {
	b := make([]byte, n)
	if _, err := f.ReadAt(b, 0); err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// read gives the whole lines from the offset on.
func (l *logFile) read(f *os.File, at *filePlace, emit func(entry) error) error {
	if !at.fits(f) { // cut
		at.Offset, at.Head, at.HeadLen = 0, "", 0
	}
	if _, err := f.Seek(at.Offset, io.SeekStart); err != nil {
		return err
	}
	offset := at.Offset
	counted := &counter{r: f}
	err := eachLine(counted, func(line []byte) error {
		// The lines are without their ends, so the reader says where they end.
		offset += counted.next()
		if at.HeadLen == 0 {
			at.remember(f)
		}
		at.Offset = offset
		b, _ := json.Marshal(at)
		return emit(entry{line: line, cursor: string(b)})
	})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// counter finds the ends of lines in what is read.
type counter struct {
	r    io.Reader
	ends []int64
	at   int64
	last int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	for i, x := range b[:n] {
		if x == '\n' {
			c.ends = append(c.ends, c.at+int64(i)+1)
		}
	}
	c.at += int64(n)
	return n, err
}

// next is the length of the next line, with its end.
func (c *counter) next() int64 {
	end := c.ends[0]
	c.ends = c.ends[1:]
	n := end - c.last
	c.last = end
	return n
}

// replaced says that the path leads to another file now, or to none.
func (l *logFile) replaced(f *os.File, at *filePlace) bool {
	st, err := os.Stat(l.path)
	return err == nil && inode(st) != at.Inode
}

func inode(st os.FileInfo) uint64 {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}

// newer says that a record of the kernel is behind the cursor, which is a boot and a number: the
// numbers begin again with each boot.
func newer(boot, number, cursor string) bool {
	a, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return false
	}
	last, read, _ := strings.Cut(cursor, " ")
	b, err := strconv.ParseUint(read, 10, 64)
	return err != nil || last != boot || a > b
}

// bootID tells one boot from the next; empty where there is no /proc.
func bootID() string {
	b, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(b))
}

func micros(s string) time.Duration {
	n, _ := strconv.ParseInt(s, 10, 64)
	return time.Duration(n) * time.Microsecond
}

// uptime is how long the kernel runs.
func uptime() time.Duration {
	b, _ := os.ReadFile("/proc/uptime")
	first, _, _ := strings.Cut(string(b), " ")
	n, _ := strconv.ParseFloat(first, 64)
	return time.Duration(n * float64(time.Second))
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}
