package module

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hacrash/hacrash/internal/debiansuite"
	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// keeper keeps a tar file in memory as HAProxy does, and aborts.
const keeper = `#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char **argv) {
	int fd = open(argv[1], O_RDONLY);
	long page = 4096, size = lseek(fd, 0, SEEK_END), whole = (size + 3 * page - 1) & -page;
	char *m = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(m, page, PROT_NONE);
	mprotect(m + whole - page, page, PROT_NONE);
	if (pread(fd, m + page, size, 0) != size) return 1;
	mprotect(m + page, whole - 2 * page, PROT_READ);
	abort();
}
`

// archiveOf packs files, by the path that the process sees, as HAProxy's
// make_tar_header does.
func archiveOf(t testing.TB, files ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		content, err := os.ReadFile(f[1])
		if err != nil {
			t.Fatal(err)
		}
		h := &tar.Header{
			Name: "core-1234" + f[0], Linkname: "haproxy-libs-dump", Typeflag: tar.TypeReg,
			Size: int64(len(content)), Mode: 0o555, Uname: "root", Gname: "root", Format: tar.FormatUSTAR,
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	exe := compile(t, keeper)
	dir := filepath.Dir(exe)
	command(t, dir, "objcopy", "--only-keep-debug", "p", "p.debug")
	command(t, dir, "strip", "p")
	libc := set(t, crash(t, compile(t, crasher)), Options{}).library(t, "libc.so").Path
	archive := filepath.Join(dir, "libs.tar")
	b := archiveOf(t,
		[2]string{"/usr/share/text", filepath.Join(dir, "p.c")},
		[2]string{"/lib64/ld-linux-x86-64.so.2", "/lib64/ld-linux-x86-64.so.2"}, // a link: the core has the other path
		[2]string{exe, exe},
		[2]string{"/usr/lib/debug" + exe, filepath.Join(dir, "p.debug")},
		[2]string{libc, "/bin/true"}, // another file at the right path
	)
	if err := os.WriteFile(archive, b, 0o644); err != nil {
		t.Fatal(err)
	}
	core := crash(t, exe, archive)
	s := set(t, core, Options{Sysroot: t.TempDir()})
	m := s.mainModule(t)
	expect(t, m, OK, "")
	expect(t, s.library(t, "ld-linux"), OK, "")
	expect(t, s.library(t, "libc.so"), Missing, "no file")
	if got := debugOf(s, t); !strings.HasPrefix(got, "core-1234/usr/lib/debug") || !m.Debug().Has(".debug_info") {
		t.Errorf("debug data: %q", got)
	}
	code := make([]byte, 64)
	if _, err := s.core.ReadMemory(code, m.Runtime(m.File().Entry)); err != nil || !bytes.HasPrefix(m.File().At(m.File().Entry), code) {
		t.Errorf("code: %v", err)
	}

	// A core that is cut within the archive gives what is whole.
	whole, err := os.ReadFile(core)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(whole, b[:512])
	if at < 0 {
		t.Fatal("the archive is not in the core")
	}
	cut := filepath.Join(t.TempDir(), "core")
	ld, err := os.Stat("/lib64/ld-linux-x86-64.so.2")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, whole[:at+2048+int(ld.Size())+512+100], 0o644); err != nil {
		t.Fatal(err)
	}
	s = set(t, cut, Options{})
	if list := s.libraries(); len(list) != 1 || list[0].id != buildID(t, "/lib64/ld-linux-x86-64.so.2") || list[0].open(s).Size() != ld.Size() {
		t.Errorf("%+v", list)
	}
}

// Without a build-id a path in the archive does, and the ELF header.
func TestArchiveWithoutBuildID(t *testing.T) {
	exe := compile(t, keeper, "-Wl,--build-id=none")
	archive := filepath.Join(t.TempDir(), "libs.tar")
	if err := os.WriteFile(archive, archiveOf(t, [2]string{exe, exe}), 0o644); err != nil {
		t.Fatal(err)
	}
	s := set(t, crash(t, exe, archive), Options{Sysroot: t.TempDir()})
	expect(t, s.mainModule(t), Unverified, "(in the core): the core has no build-id")
}

// A real HAProxy that was told to keep its libraries leaves all that is needed.
func TestSetDumpableLibs(t *testing.T) {
	root := debiansuite.Root(t, "sid", true)
	p := haproxytest.Start(t, haproxytest.Options{Root: root, Config: "global\n    set-dumpable libs\n"})
	if err := syscall.Kill(p.PID, syscall.SIGSEGV); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	s := set(t, p.Core(), Options{Sysroot: t.TempDir()})
	if len(s.libraries()) < 5 {
		t.Fatalf("only %d files in the archive", len(s.libraries()))
	}
	found := 0
	for _, m := range s.Modules {
		if m.File() != nil {
			found++
		}
		// Modules that were loaded later (by the resolver) are not in it.
		if status, why := m.Status(); status != OK && (m.Main || strings.Contains(m.Path, "libc.so") || status != Missing) {
			t.Errorf("%s: %s %s", m.Path, status, why)
		}
	}
	t.Logf("%d files in the archive; %d of %d modules found", len(s.libraries()), found, len(s.Modules))
	if found < 5 {
		t.Errorf("only %d of %d modules found", found, len(s.Modules))
	}
}

// coreOf is a core of one read-only segment.
func coreOf(b []byte) []byte {
	le := binary.LittleEndian
	const at = 64 + 56
	c := make([]byte, at, at+len(b))
	copy(c, "\x7fELF\x02\x01\x01")
	le.PutUint16(c[16:], 4)  // ET_CORE
	le.PutUint16(c[18:], 62) // EM_X86_64
	le.PutUint64(c[32:], 64)
	le.PutUint16(c[52:], 64)
	le.PutUint16(c[54:], 56)
	le.PutUint16(c[56:], 1)
	le.PutUint32(c[64:], 1) // PT_LOAD
	le.PutUint32(c[68:], elfcore.Readable)
	le.PutUint64(c[72:], at)
	le.PutUint64(c[80:], 0x10000)
	le.PutUint64(c[96:], uint64(len(b)))
	le.PutUint64(c[104:], uint64(len(b)))
	return append(c, b...)
}

func FuzzArchive(f *testing.F) {
	small := filepath.Join(f.TempDir(), "small")
	if err := os.WriteFile(small, append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 200)...), 0o644); err != nil {
		f.Fatal(err)
	}
	b := archiveOf(f, [2]string{"/usr/lib/x", small}, [2]string{"/usr/lib/y", small})
	f.Add(b)
	f.Add(b[:600])
	f.Fuzz(func(t *testing.T, b []byte) {
		b = coreOf(b)
		c, err := elfcore.Open(bytes.NewReader(b), int64(len(b)), elfcore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := New(t.Context(), c, Options{})
		sum := uint64(0)
		for _, a := range s.libraries() {
			sum += a.size
			a.open(s)
		}
		if sum > uint64(len(b)) {
			t.Errorf("files of %d bytes in a core of %d", sum, len(b))
		}
	})
}
