package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// repo runs git in one clone. Nothing is ever written to it.
type repo struct {
	dir string
	// config is given to every run, so that the output does not depend on the
	// configuration of the user or on the version of git.
	config []string
	stop   func()
}

// functionLine is what git prints behind the @@ of a hunk: the last line before
// it that begins in the first column and is no label. It is git's own rule for C,
// given here because that one changes between versions of git.
const functionLine = "!^[A-Za-z_][A-Za-z_0-9]*:[ \t]*($|/)\n^([A-Za-z_].*)$"

// open checks that dir is a clone that has a whole history.
func open(ctx context.Context, dir string) (*repo, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, errors.New("git is not installed; the history is read with it")
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return nil, fmt.Errorf("%s: no such directory; want a clone of HAProxy", dir)
	}
	r := &repo{dir: dir, stop: func() {}}
	shallow, err := r.output(ctx, nil, "rev-parse", "--is-shallow-repository")
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("%s: not a git repository that can be read: %w", dir, err)
	case strings.TrimSpace(shallow) != "false":
		return nil, fmt.Errorf("%s: a shallow clone; git fetch --unshallow makes it whole", dir)
	}
	// Without its blobs a clone would fetch each of them over the network.
	if filter, _ := r.output(ctx, nil, "config", "--get-regexp", `^(extensions\.partialclone|remote\..*\.promisor)$`); filter != "" {
		return nil, fmt.Errorf("%s: a partial clone; git clone without --filter makes a whole one", dir)
	}
	// The attributes say what is C. A file outside of the clone has them, since
	// HAProxy's own tree does not.
	tmp, err := os.MkdirTemp("", "hacrash-")
	if err != nil {
		return nil, err
	}
	r.stop = func() { os.RemoveAll(tmp) }
	attributes := filepath.Join(tmp, "attributes")
	if err := os.WriteFile(attributes, []byte("*.c diff=hacrash\n*.h diff=hacrash\n"), 0o600); err != nil {
		r.stop()
		return nil, err
	}
	r.config = []string{
		"core.attributesFile=" + attributes, "diff.hacrash.xfuncname=" + functionLine,
		"core.quotePath=true", "diff.algorithm=myers", "diff.indentHeuristic=true",
		"diff.interHunkContext=0", "diff.renameLimit=1000", "log.showSignature=false", "log.mailmap=false",
		"core.pager=cat", "i18n.logOutputEncoding=UTF-8", "core.fsmonitor=false",
	}
	return r, nil
}

// run calls git and lets read have its output.
func (r *repo) run(ctx context.Context, stdin io.Reader, read func(io.Reader) error, args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	full := []string{"-C", r.dir, "--no-pager", "--literal-pathspecs"}
	for _, c := range r.config {
		full = append(full, "-c", c)
	}
	cmd := exec.CommandContext(ctx, "git", append(full, args...)...)
	cmd.Env = append(cmd.Environ(), "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	cmd.Stdin = stdin
	var complaint bytes.Buffer
	cmd.Stderr = &limited{w: &complaint, left: 4 << 10}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := read(out)
	if readErr != nil {
		cancel()
	}
	err = cmd.Wait()
	switch {
	case readErr != nil:
		return readErr
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		line, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n")
		if line == "" {
			return fmt.Errorf("git %s: %w", args[0], err)
		}
		return fmt.Errorf("git %s: %s", args[0], strings.TrimPrefix(line, "fatal: "))
	}
	return nil
}

// output is all that git prints.
func (r *repo) output(ctx context.Context, stdin io.Reader, args ...string) (string, error) {
	var b strings.Builder
	err := r.run(ctx, stdin, func(out io.Reader) error {
		_, err := io.Copy(&b, out)
		return err
	}, args...)
	return b.String(), err
}

// limited takes a few bytes and drops the rest.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if n > 0 {
		l.w.Write(p[:n])
	}
	return len(p), nil
}

// commit is one commit of a log.
type commit struct {
	hash    string
	seconds int64 // committer date, Unix time
	subject string
	body    string // what follows the subject
}

// log lists commits, oldest first. With bodies false the bodies are left out.
func (r *repo) log(ctx context.Context, bodies bool, revs ...string) ([]commit, error) {
	format := "--format=%H%x00%ct%x00%s%x00%x00"
	if bodies {
		format = "--format=%H%x00%ct%x00%s%x00%b%x00"
	}
	args := append([]string{"log", "-z", "--reverse", "--topo-order", "--no-color", "--no-notes", format}, revs...)
	text, err := r.output(ctx, nil, append(args, "--")...)
	if err != nil {
		return nil, err
	}
	var list []commit
	for text != "" {
		var f [4]string
		for i := range f {
			var ok bool
			if f[i], text, ok = strings.Cut(text, "\x00"); !ok {
				return nil, errors.New("git log: its output ends too early")
			}
		}
		text = strings.TrimPrefix(text, "\x00") // -z, between commits
		c := commit{hash: f[0], subject: f[2], body: f[3]}
		if _, err := fmt.Sscan(f[1], &c.seconds); err != nil || len(c.hash) != 40 {
			return nil, errors.New("git log: its output is not understood")
		}
		list = append(list, c)
	}
	return list, nil
}
