package bundle

import (
	"archive/tar"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/source"
)

// Report is a report in the archive.
type Report struct {
	Name string
	Text []byte
}

// Content is what goes into an archive.
type Content struct {
	Core []byte
	// Frames are the runtime addresses on the stacks of each module.
	Frames  map[*module.Module][]uint64
	Reports []Report
	// Tool is the version of hacrash.
	Tool string
	// Time is that of the files.
	Time time.Time
}

// Write writes an archive. Problems say which files are not in it.
func Write(w io.Writer, c *Content) (problems []string, err error) {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	a := archiver{t: tar.NewWriter(z), time: c.Time, links: map[string]bool{}}
	files, problems := slims(c.Frames)
	a.file("README", readme(c, files))
	for _, r := range c.Reports {
		a.file(r.Name, r.Text)
	}
	a.file("core", c.Core) // which begins with much of that: so it packs better
	for _, f := range files {
		a.slim(f)
	}
	for _, dir := range [...]string{"lib", "lib64"} { // where the loader looks, if they are one with those of /usr
		if a.usr && !a.root {
			a.link("sys/"+dir, "usr/"+dir)
		}
	}
	return problems, errors.Join(a.err, a.t.Close(), z.Close())
}

// file is a slim copy.
type file struct {
	path, soname, buildID string
	main                  bool
	bytes                 []byte
}

// slims makes slim copies of the modules that own frames.
func slims(frames map[*module.Module][]uint64) (files []file, problems []string) {
	for _, m := range sorted(frames) {
		f := m.File()
		if f == nil || m.VDSO {
			continue
		}
		var links []uint64
		for _, pc := range frames[m] {
			links = append(links, m.LinkTime(pc))
		}
		x := file{path: path.Clean("/" + m.Path), buildID: m.BuildID, main: m.Main}
		cut := m.Guard(func() {
			var err error
			if x.bytes, x.soname, err = slim(f, links); err != nil {
				problems = append(problems, "not in the bundle: "+err.Error())
			}
		})
		if cut != nil {
			problems = append(problems, fmt.Sprintf("not in the bundle: %s: %v", m.Path, cut))
		} else if x.bytes != nil {
			files = append(files, x)
		}
	}
	return files, problems
}

// sorted gives the modules by address.
func sorted(frames map[*module.Module][]uint64) []*module.Module {
	var all []*module.Module
	for m := range frames {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *module.Module) int { return cmp.Compare(a.Start, b.Start) })
	return all
}

// archiver writes members; the first error stays.
type archiver struct {
	t         *tar.Writer
	time      time.Time
	links     map[string]bool
	usr, root bool // files below /usr/lib, below /lib
	err       error
}

func (a *archiver) add(h *tar.Header, body []byte) {
	if a.err != nil {
		return
	}
	h.Name, h.ModTime = source.BundleDir+h.Name, a.time
	if a.err = a.t.WriteHeader(h); a.err == nil && len(body) > 0 {
		_, a.err = io.Copy(a.t, bytes.NewReader(body))
	}
}

func (a *archiver) file(name string, body []byte) {
	a.add(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(body))}, body)
}

func (a *archiver) link(name, to string) {
	if !a.links[name] {
		a.links[name] = true
		a.add(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to, Mode: 0o777}, nil)
	}
}

func (a *archiver) slim(f file) {
	a.usr = a.usr || strings.HasPrefix(f.path, "/usr/lib")
	a.root = a.root || strings.HasPrefix(f.path, "/lib")
	a.file("sys"+f.path, f.bytes)
	if f.soname != "" && f.soname != path.Base(f.path) && !strings.Contains(f.soname, "/") {
		a.link("sys"+path.Join(path.Dir(f.path), f.soname), path.Base(f.path))
	}
	if len(f.buildID) > 2 {
		a.link(".build-id/"+f.buildID[:2]+"/"+f.buildID[2:], "../../sys"+f.path)
	}
}

// readme tells the receiver what this is, and how to open it.
func readme(c *Content, files []file) []byte {
	var b bytes.Buffer
	exe := "EXECUTABLE"
	for _, f := range files {
		if f.main {
			exe = "sys" + f.path
		}
	}
	fmt.Fprintf(&b, `A small core of HAProxy, made by hacrash %s. It holds no keys, requests or
configuration: words of memory that are no pointers and no small numbers are
0xbdbdbdbdbdbdbdbd, and most memory is left out. Read report.md first.

Open it in this directory:

  hacrash   hacrash analyze core
  gdb       gdb -iex 'set sysroot ./sys' %s core
  eu-stack  eu-stack --debuginfo-path="$PWD" --executable=%s --core=core

The files below sys hold only what the stacks need. Never install or run them.
`, c.Tool, exe, exe)
	for _, f := range files {
		fmt.Fprintf(&b, "  %s  build-id %s\n", f.path, f.buildID)
	}
	return b.Bytes()
}
