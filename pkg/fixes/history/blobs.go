package history

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Tags gives the tags of releases and development versions of a clone, with the day of
// the commit of each.
func (c *Clone) Tags(ctx context.Context) ([]fixes.Tag, error) {
	text, err := c.r.output(ctx, nil, "for-each-ref", "--format=%(refname:strip=2) %(objectname) %(*objectname) %(committerdate:unix) %(*committerdate:unix)", "refs/tags/v*")
	if err != nil {
		return nil, err
	}
	var list []fixes.Tag
	for line := range strings.Lines(text) {
		// A tag that is an object of its own has a name before that of its commit, and no committer.
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		name, commit, date := f[0], f[len(f)-2], f[len(f)-1]
		v, err := haproxy.ParseVersion(name[1:])
		seconds, notDate := strconv.ParseInt(date, 10, 64)
		if err != nil || notDate != nil || v.Suffix != "" || v.Commit != "" || v.BranchOnly() {
			continue
		}
		list = append(list, fixes.Tag{Version: v, Commit: commit, Date: fixes.Day(time.Unix(seconds, 0))})
	}
	return list, nil
}

// Blob is a file at some revision; ID is git's name of its content.
type Blob struct{ Path, ID string }

// Files gives the C files that a revision has below the directories.
func (c *Clone) Files(ctx context.Context, revision string, dirs []string) ([]Blob, error) {
	text, err := c.r.output(ctx, nil, append([]string{"ls-tree", "-r", "-z", revision, "--"}, dirs...)...)
	if err != nil {
		return nil, err
	}
	var list []Blob
	for entry := range strings.SplitSeq(text, "\x00") {
		info, path, _ := strings.Cut(entry, "\t")
		f := strings.Fields(info)
		if len(f) == 3 && f[1] == "blob" && (strings.HasSuffix(path, ".c") || strings.HasSuffix(path, ".h")) {
			list = append(list, Blob{path, f[2]})
		}
	}
	return list, nil
}

// maxBlob is how large a file of source may be. HAProxy's largest has 0.5 MB.
const maxBlob = 4 << 20

// Contents hands the content of each blob to take, in their order.
func (c *Clone) Contents(ctx context.Context, ids []string, take func(id string, content []byte) error) error {
	if len(ids) == 0 {
		return nil
	}
	return c.r.run(ctx, strings.NewReader(strings.Join(ids, "\n")+"\n"), func(out io.Reader) error {
		in := bufio.NewReaderSize(out, 64<<10)
		for range ids {
			head, err := in.ReadString('\n')
			if err != nil {
				return errors.New("git cat-file: its output ends too early")
			}
			f := strings.Fields(head)
			if len(f) != 3 {
				return fmt.Errorf("git cat-file: %s", strings.TrimSpace(head))
			}
			size, err := strconv.Atoi(f[2])
			if err != nil || size < 0 || size > maxBlob {
				return fmt.Errorf("git cat-file: a file of %s bytes", f[2])
			}
			content := make([]byte, size+1)
			if _, err := io.ReadFull(in, content); err != nil {
				return err
			}
			if err := take(f[0], content[:size]); err != nil {
				return err
			}
		}
		return nil
	}, "cat-file", "--batch")
}
