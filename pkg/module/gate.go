package module

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/elffile"
)

// place is where a file may lie.
type place struct {
	// root is the directory that links do not lead out of, empty for none.
	root string
	// start is a directory, in root, that the user or this system names. What follows
	// it, rel, was named by an input: a core or another file.
	start, rel string
	// named: the user named the very file, or we put it there.
	named bool
}

// thisVery is a file that the user named, or that we put where it is.
func thisVery(p string) place { return place{rel: p, named: true} }

// inDir is a file below a directory that is trusted.
func inDir(dir, rel string) place { return place{start: dir, rel: rel} }

// path is the place as it is told.
func (p place) path() string { return filepath.Join(p.root, p.start, p.rel) }

// open opens the file at a place, if that may be looked at at all.
//
// A path in a core was written by whoever made the core. To open it is not always
// harmless, even where there is no regular file: below an automounter's directory to
// look a name up is to mount what it names, from any host; a dead server's file system
// blocks for ever; files of /proc and /sys are other things with every look. So no
// directory on the way, and none that a link leads to, may lie there. What the user
// names may.
func (s *Set) open(p place) (*elffile.File, error) {
	if p.named {
		return elffile.Open(p.rel)
	}
	root, start := "/", p.start
	var err error
	if p.root != "" {
		root, err = realPath(p.root)
	} else {
		start, err = realPath(start)
	}
	if err != nil {
		return nil, err
	}
	at, err := s.resolve(root, start, p.rel)
	if err != nil {
		return nil, err
	}
	if p.root != "" {
		return elffile.Open(filepath.Join(p.root, at))
	}
	return elffile.Open(p.path())
}

func realPath(p string) (string, error) {
	p, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(p)
}

// resolve gives where rel leads from a directory start, as if root were the root
// directory: absolute links and ".." lead nowhere else. What is not there is only
// joined. The error says why a directory on the way must not be looked at.
//
// Folklore: images of containers and other suites are full of absolute links
// (/lib64/ld-linux-x86-64.so.2, /etc/alternatives), which on this machine point
// to its own files.
func (s *Set) resolve(root, start, rel string) (string, error) {
	const maxLinks = 40 // as Linux
	at, links := start, 0
	for rest := strings.Split(rel, "/"); len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == "" {
			continue
		}
		next := path.Join(at, name) // takes care of . and ..
		if err := s.refuse(root, start, next); err != nil {
			return "", err
		}
		target, err := os.Readlink(filepath.Join(root, next))
		if err != nil {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", errors.New("too many links")
		}
		if strings.HasPrefix(target, "/") {
			at = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return at, nil
}

// refuse says why a path in root must not be looked at. What holds the trusted start is
// no reason.
func (s *Set) refuse(root, start, p string) error {
	for _, dir := range [...]string{"/proc", "/sys", "/dev"} {
		if within(dir, p) && !within(dir, start) {
			return fmt.Errorf("not looked at: what lies below %s is no file of a program", dir)
		}
	}
	host, trusted := filepath.Join(root, p), filepath.Join(root, start)
	for _, m := range s.foreign() {
		if within(m.at, host) && !within(m.at, trusted) {
			return fmt.Errorf("not looked at: %s is of other machines (%s); name the file with --exe, or its directory with --sysroot or --debug-dir", m.at, m.kind)
		}
	}
	return nil
}

// within tells whether a path is dir, or lies below it.
func within(dir, p string) bool {
	return p == dir || dir == "/" || strings.HasPrefix(p, dir) && p[len(dir)] == '/'
}

// mount is a mount point of a file system that asks other machines.
type mount struct{ at, kind string }

// foreignKinds are the types of such file systems. autofs is what automounters use:
// what it mounts when it is looked at is mostly one of the others. FUSE itself is
// none: containers without root have their files on it.
func foreignKinds() []string {
	return []string{
		"autofs", "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "lustre", "gpfs", "ocfs2", "gfs2",
		"fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.ceph", "fuse.davfs", "fuse.curlftpfs", "fuse.smbnetfs", "fuse.gvfsd-fuse", "davfs",
	}
}

// mounts are read once, when the first path is looked at.
type mounts struct {
	file string // mountInfo, but for tests
	read bool
	list []mount
}

const mountInfo = "/proc/self/mountinfo"

const maxMountInfo = 16 << 20 // hosts of containers have some thousand lines

// foreign lists the mounts of other machines; none where the kernel does not tell. A
// root directory on such a file system is no reason to refuse all.
func (s *Set) foreign() []mount {
	if !first(&s.mounts.read) {
		return s.mounts.list
	}
	f, err := os.Open(s.mounts.file)
	if err != nil {
		return nil
	}
	defer f.Close()
	if b, err := io.ReadAll(io.LimitReader(f, maxMountInfo)); err == nil {
		s.mounts.list = foreignMounts(string(b))
	}
	return s.mounts.list
}

// foreignMounts reads the format of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
func foreignMounts(info string) (list []mount) {
	kinds := foreignKinds()
	for line := range strings.Lines(info) {
		before, after, _ := strings.Cut(line, " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if len(fields) < 5 || len(kind) == 0 || !slices.Contains(kinds, kind[0]) {
			continue
		}
		if at := unescape(fields[4]); at != "/" {
			list = append(list, mount{at, kind[0]})
		}
	}
	return list
}

// unescape takes blanks, tabs, newlines and backslashes out of their octal form.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}
