package form

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Bounds of a run of haproxy that only prints.
const (
	maxRun    = 10 * time.Second
	maxOutput = 8 << 20
)

// Executable is a haproxy that is the one that crashed, as far as can be told.
type Executable struct {
	path string
	// By says how that is known.
	By string
}

// Check compares an executable with the crash: by build-id, else by the version that it prints.
// What is another one must not answer for it.
func Check(ctx context.Context, path string, c *crash.Crash) (*Executable, error) {
	want := ""
	for i := range c.Modules {
		if c.Modules[i].Main {
			want = c.Modules[i].BuildID
		}
	}
	if want == "" && c.Process != nil {
		want = c.Process.BuildID
	}
	e := &Executable{path: path}
	if want != "" {
		f, err := elffile.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if have := f.BuildID(); have != want {
			return nil, fmt.Errorf("%s: its build-id %s is not %s, that of the process; it is another build", path, have, want)
		}
		e.By = "its build-id is that of the process"
		return e, nil
	}
	v, err := haproxy.ParseVersion(c.Version())
	if err != nil {
		return nil, fmt.Errorf("%s: the crash tells neither build-id nor version to check it by; pass the output of haproxy -vv with --vv", path)
	}
	text, err := e.output(ctx, "-v")
	if err != nil {
		return nil, err
	}
	_, after, ok := strings.Cut(text, "version ")
	printed, _, _ := strings.Cut(after, " ")
	if have, err := haproxy.ParseVersion(printed); !ok || err != nil || have.Raw != v.Raw {
		return nil, fmt.Errorf("%s: it is of version %q, and the process was of %s", path, printed, v.Raw)
	}
	e.By = "it is of the same version"
	return e, nil
}

// VV is the output of haproxy -vv.
func (e *Executable) VV(ctx context.Context) (string, error) { return e.output(ctx, "-vv") }

// Configuration is the configuration as HAProxy 2.7 and later anonymise it (-dC).
func (e *Executable) Configuration(ctx context.Context, names []string) (string, error) {
	args := []string{"-dC" + strconv.Itoa(1+rand.IntN(1<<30)), "-c"}
	for _, n := range names {
		args = append(args, "-f", n)
	}
	text, err := e.output(ctx, args...)
	if trimmed := strings.TrimSpace(text); strings.Contains(trimmed, "\n") && !strings.HasPrefix(trimmed, "Configuration file") {
		return text, nil // it ends with 2 where there is no listener
	}
	if err == nil {
		err = errors.New("it prints no configuration; only HAProxy 2.7 and later do")
	}
	return "", fmt.Errorf("%s -dC -c: %w", e.path, err)
}

// output runs it without input and without our environment.
func (e *Executable) output(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, maxRun)
	defer cancel()
	cmd := exec.CommandContext(ctx, e.path, args...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	var out bounded
	cmd.Stdout = &out
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w", e.path, strings.Join(args, " "), err)
	}
	return out.String(), nil
}

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	_, _ = b.Buffer.Write(p[:min(len(p), maxOutput-min(b.Len(), maxOutput))])
	return len(p), nil
}
