package history

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Clone is a clone of HAProxy of which is asked what names its source has, at any
// revision. It is safe for concurrent use.
type Clone struct{ r *repo }

// OpenClone opens a clone; Close is needed afterwards. The error says that it is
// none, or that a part of it is not there.
func OpenClone(ctx context.Context, dir string) (*Clone, error) {
	r, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	return &Clone{r}, nil
}

// Close takes away what OpenClone made; never anything of the clone.
func (c *Clone) Close() { c.r.stop() }

// Missing gives those of the names that a revision (a commit, its parent as
// "COMMIT^", a tag) has not: of identifiers those that stand as a whole word in no
// file below src and include, of paths, which have a slash, those of no file.
func (c *Clone) Missing(ctx context.Context, revision string, names []string) ([]string, error) {
	var words, paths []string
	for _, n := range names {
		switch {
		case strings.Contains(n, "/"):
			paths = append(paths, n)
		case isPlain(n):
			words = append(words, n)
		default:
			return nil, fmt.Errorf("%q: neither an identifier nor a path", n)
		}
	}
	missing, err := c.noFiles(ctx, revision, paths)
	if err != nil {
		return nil, err
	}
	for list := range slices.Chunk(words, maxPatterns) {
		lacks, err := c.noWords(ctx, revision, list)
		if err != nil {
			return nil, err
		}
		missing = append(missing, lacks...)
	}
	return missing, nil
}

// maxPatterns keeps the command line short.
const maxPatterns = 500

// noFiles checks the revision too.
func (c *Clone) noFiles(ctx context.Context, revision string, paths []string) ([]string, error) {
	var in strings.Builder
	in.WriteString(revision + "^{commit}\n")
	for _, p := range paths {
		if strings.ContainsAny(p, "\n\r") {
			return nil, fmt.Errorf("%q: no path", p)
		}
		in.WriteString(revision + ":" + p + "\n")
	}
	text, err := c.r.output(ctx, strings.NewReader(in.String()), "cat-file", "--batch-check=%(objecttype)")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != len(paths)+1 {
		return nil, errors.New("git cat-file: its output is not understood")
	}
	if lines[0] != "commit" {
		return nil, fmt.Errorf("%s: the clone has no commit %s; git fetch --tags brings what is newer", c.r.dir, revision)
	}
	var missing []string
	for i, p := range paths {
		if lines[i+1] != "blob" {
			missing = append(missing, p)
		}
	}
	return missing, nil
}

var errEnough = errors.New("all of them were found")

// noWords runs git grep once. One pattern for all words is ten times as fast as a
// pattern each (git 2.39: 0.2 s against 2.2 s for eight words).
func (c *Clone) noWords(ctx context.Context, revision string, words []string) ([]string, error) {
	left := map[string]bool{}
	for _, w := range words {
		left[w] = true
	}
	err := c.r.run(ctx, nil, func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			delete(left, lines.Text())
			if len(left) == 0 {
				return errEnough
			}
		}
		return lines.Err()
	}, "grep", "-h", "-o", "-w", "--no-color", "--no-column", "--no-line-number", "-E", "-e", "("+strings.Join(words, "|")+")", revision, "--", "src", "include")
	var exit *exec.ExitError
	if err != nil && err != errEnough && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: none was found
		return nil, err
	}
	var missing []string
	for _, w := range words {
		if left[w] {
			missing = append(missing, w)
		}
	}
	return missing, nil
}

// Before says whether the history of a revision has a commit that begins with the
// digits.
func (c *Clone) Before(ctx context.Context, revision, commit string) (bool, error) {
	found := false
	err := c.r.run(ctx, nil, func(out io.Reader) error {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), commit) {
				found = true
				return errEnough
			}
		}
		return lines.Err()
	}, "rev-list", "--end-of-options", revision, "--")
	if err != nil && err != errEnough {
		return false, err
	}
	return found, nil
}

// isPlain says that s is one word, and so no pattern.
func isPlain(s string) bool {
	for i := range len(s) {
		if !lex.IsWord(s[i]) {
			return false
		}
	}
	return s != ""
}
