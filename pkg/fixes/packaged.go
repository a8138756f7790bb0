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
	text := bufio.NewReaderSize(io.LimitReader(file, maxChangelog), ChangelogHead)
	if ChangelogBranch(text) != v.Branch() {
		return nil, false
	}
	y, _, err := x.WithChangelog(text, v.Branch())
	if err != nil || y.table(v.Branch()).Gap() != 0 {
		return nil, false
	}
	return y, true
}

// ChangelogHead is how much of a CHANGELOG is looked at for its first release.
const ChangelogHead = 16 << 10

// ChangelogBranch is the branch of the first release that a CHANGELOG names, which
// is that of its package; "" if it names none. Nothing is read from the text, whose
// buffer has ChangelogHead bytes.
func ChangelogBranch(text *bufio.Reader) string {
	head, _ := text.Peek(ChangelogHead)
	for line := range bytes.Lines(head) {
		if v, _, ok := heading(string(bytes.TrimSpace(line))); ok {
			return v.Branch()
		}
	}
	return ""
}
