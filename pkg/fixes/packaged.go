package fixes

import (
	"bufio"
	"bytes"
	"io"

	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Beyond says that a release is of a maintained branch of which the index knows the
// beginning, but not which fixes this release has: the changelog of a package may
// tell.
func (x *Index) Beyond(v haproxy.Version) bool {
	if v.IsDev() || v.BranchOnly() || v.Patch == 0 {
		return false
	}
	if _, ok := x.Tag(haproxy.Version{Major: v.Major, Minor: v.Minor, Dev: -1, RC: -1}); !ok {
		return false
	}
	last, ok := x.Complete(v.Branch())
	return !ok || v.Patch > last.Patch
}

// WithPackage gives an index that also knows what the CHANGELOG of a package tells,
// if the index needs it for a release and it is of that branch: open opens the
// plain text of it. False means that it is of no use, for whatever reason.
//
// A changelog in which a release is missing tells nothing here: that a fix is not in
// it would be taken to mean that the branch lacks it.
func (x *Index) WithPackage(v haproxy.Version, open func() (io.ReadCloser, error)) (*Index, bool) {
	if !x.Beyond(v) {
		return nil, false
	}
	file, err := open()
	if err != nil {
		return nil, false
	}
	defer file.Close()
	text := bufio.NewReaderSize(io.LimitReader(file, maxChangelog), 16<<10)
	if newest(text).Branch() != v.Branch() {
		return nil, false
	}
	y, found, err := x.WithChangelog(text, v.Branch())
	if err != nil || !found.Table.whole() {
		return nil, false
	}
	return y, true
}

// newest is the first release that a CHANGELOG names, which is that of the package.
func newest(text *bufio.Reader) haproxy.Version {
	head, _ := text.Peek(4 << 10)
	for line := range bytes.Lines(head) {
		if v, _, ok := heading(string(bytes.TrimSpace(line))); ok {
			return v
		}
	}
	return haproxy.Version{Major: -1}
}

// whole says that the releases of a table are all from the first one on.
func (t *Table) whole() bool {
	for i, r := range t.Releases {
		if r.Patch != i+1 {
			return false
		}
	}
	return true
}
