package history

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// Subjects tells the subjects of commits from a clone, which may be a shallow or a
// partial one. One git runs from OpenSubjects to Close, however many are asked for.
type Subjects struct {
	dir       string
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	complaint bytes.Buffer
	known     map[string]string
}

// OpenSubjects starts git in a directory; Close is needed afterwards. The error says
// that there is no git, or no clone.
func OpenSubjects(ctx context.Context, dir string) (*Subjects, error) {
	s, err := startSubjects(ctx, dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	return s, nil
}

func unreadable(dir string, err error) error {
	return fmt.Errorf("%s: the subjects cannot be read: %w", dir, err)
}

func startSubjects(ctx context.Context, dir string) (*Subjects, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, errors.New("git is not installed; subjects are read with it")
	}
	cmd := exec.CommandContext(ctx, "git", "-C", dir, "--no-pager", "cat-file", "--batch")
	cmd.Env = append(cmd.Environ(), "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	s := &Subjects{dir: dir, cmd: cmd, known: map[string]string{}}
	cmd.Stderr = &limited{w: &s.complaint, left: 4 << 10}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.in, s.out = in, bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// A first question, for git says only then that there is no clone.
	if _, err := s.ask(strings.Repeat("0", 40)); err != nil {
		return nil, fmt.Errorf("%w; want a clone of HAProxy", err)
	}
	return s, nil
}

// Close ends git.
func (s *Subjects) Close() {
	s.in.Close()
	s.cmd.Wait()
}

// Of gives the subject of a commit by its first digits, 6 at least. It is empty if
// the clone has no such commit, or several. The error is that of git.
func (s *Subjects) Of(commit string) (string, error) {
	if !isHash(commit) {
		return "", nil
	}
	if subject, ok := s.known[commit]; ok {
		return subject, nil
	}
	subject, err := s.ask(commit)
	if err != nil {
		return "", unreadable(s.dir, err)
	}
	s.known[commit] = subject
	return subject, nil
}

func isHash(s string) bool {
	return len(s) >= 6 && len(s) <= 40 && strings.Trim(s, "0123456789abcdef") == ""
}

// maxCommit bounds what is read of an object; the largest of HAProxy has 44 kB.
const maxCommit = 64 << 10

// ask writes a name and reads the answer: a line "ID commit SIZE", the object and a
// line feed; or a line that says that there is none (git-cat-file(1), BATCH OUTPUT).
func (s *Subjects) ask(name string) (string, error) {
	if _, err := io.WriteString(s.in, name+"\n"); err != nil {
		return "", s.failed(err)
	}
	line, err := s.out.ReadSlice('\n')
	if err != nil {
		return "", s.failed(err)
	}
	words := strings.Fields(string(line))
	if len(words) != 3 {
		return "", nil // missing, or ambiguous
	}
	kind := words[1]
	size, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil || size < 0 {
		return "", fmt.Errorf("git cat-file: an answer that is none: %q", line)
	}
	object, err := io.ReadAll(io.LimitReader(s.out, min(size, maxCommit)))
	if err == nil {
		_, err = io.CopyN(io.Discard, s.out, size-int64(len(object))+1)
	}
	if err != nil {
		return "", s.failed(err)
	}
	if kind != "commit" {
		return "", nil
	}
	return subjectOf(string(object)), nil
}

// failed tells what git said before it ended.
func (s *Subjects) failed(err error) error {
	s.Close()
	line, _, _ := strings.Cut(strings.TrimSpace(s.complaint.String()), "\n")
	if line == "" {
		return fmt.Errorf("git cat-file: %w", err)
	}
	return errors.New(strings.TrimPrefix(line, "fatal: "))
}

// subjectOf is the first paragraph of a commit's message, in one line.
func subjectOf(object string) string {
	_, message, _ := strings.Cut(object, "\n\n")
	first, _, _ := strings.Cut(strings.TrimLeft(message, "\n"), "\n\n")
	return strings.Join(strings.Fields(first), " ")
}
