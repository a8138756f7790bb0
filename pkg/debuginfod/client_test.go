package debuginfod

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// made is an ELF file of nothing but a build-id.
func made(t testing.TB, id string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	note := append([]byte{4, 0, 0, 0, byte(len(raw)), 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0}, raw...)
	b := make([]byte, 64+56)
	copy(b, "\x7fELF\x02\x01\x01")
	b[32], b[54], b[56] = 64, 56, 1 // one program header behind this one
	b[64] = 4                       // PT_NOTE
	b[64+8] = byte(len(b))
	b[64+32] = byte(len(note))
	return append(b, note...)
}

const (
	idA = "00112233445566778899aabbccddeeff00112233"
	idB = "ffee2233445566778899aabbccddeeff00112233"
)

// host is a server that counts what it is asked.
type host struct {
	*httptest.Server
	asked atomic.Int32
}

func serve(t *testing.T, h http.HandlerFunc) *host {
	s := &host{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// having serves the executable of idA.
func having(t *testing.T) *host {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/buildid/"+idA+"/executable" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(made(t, idA)) // the client may be gone
	})
}

func client(t *testing.T, o Options, urls ...string) *Client {
	t.Helper()
	o.URLs = urls
	if o.CacheDir == "" {
		o.CacheDir = t.TempDir()
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// leftovers are the files in a cache that are no answers.
func leftovers(t *testing.T, dir string) (names []string) {
	found, err := filepath.Glob(filepath.Join(dir, arriving, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestFind(t *testing.T) {
	empty := serve(t, http.NotFound)
	full := having(t)
	var seen []Progress
	o := Options{CacheDir: t.TempDir(), Progress: func(p Progress) { seen = append(seen, p) }}
	c := client(t, o, empty.URL, full.URL+"/") // with and without a slash
	for range 3 {
		path, err := c.Find(t.Context(), idA, Executable)
		if err != nil || path != filepath.Join(o.CacheDir, idA, "executable") {
			t.Fatalf("%s, %v", path, err)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, made(t, idA)) {
			t.Errorf("%d bytes, %v", len(b), err)
		}
		if _, err := c.Find(t.Context(), idB, DebugInfo); !errors.Is(err, errNotFound) {
			t.Errorf("what nobody has: %v", err)
		}
	}
	if empty.asked.Load() != 2 || full.asked.Load() != 2 {
		t.Errorf("asked %d and %d times", empty.asked.Load(), full.asked.Load())
	}
	size := int64(len(made(t, idA)))
	if len(seen) < 2 || seen[0].Got != 0 || seen[0].Size != size || seen[len(seen)-1] != (Progress{strings.TrimPrefix(full.URL, "http://"), idA, Executable, size, size, true}) {
		t.Errorf("progress: %+v", seen)
	}
	// The next run has the answer, and asks again for what was not there.
	c = client(t, o, empty.URL)
	if _, err := c.Find(t.Context(), idA, Executable); err != nil || empty.asked.Load() != 2 {
		t.Errorf("from the cache: %v", err)
	}
	if _, err := c.Find(t.Context(), idB, DebugInfo); !errors.Is(err, errNotFound) || empty.asked.Load() != 3 {
		t.Errorf("again: %v, asked %d times", err, empty.asked.Load())
	}
	if left := leftovers(t, o.CacheDir); left != nil {
		t.Error(left)
	}
}

// A file in the cache that is damaged is fetched again.
func TestDamagedCache(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, idA, "executable")
	for _, damage := range [][]byte{nil, []byte("text"), made(t, idB)} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, damage, 0o600); err != nil {
			t.Fatal(err)
		}
		s := having(t)
		if _, err := client(t, Options{CacheDir: dir}, s.URL).Find(t.Context(), idA, Executable); err != nil || s.asked.Load() != 1 {
			t.Errorf("%q: %v, asked %d times", damage, err, s.asked.Load())
		}
	}
}

// What a server sends is refused with a reason, and the next one is asked.
func TestBadAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"other file": {func(w http.ResponseWriter, r *http.Request) { w.Write(made(t, idB)) }, "not the file that was asked for"},
		"no file":    {func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<html>")) }, "not the file that was asked for"},
		"nothing":    {func(w http.ResponseWriter, r *http.Request) {}, "not the file that was asked for"},
		"error":      {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "it answers 503"},
		"cut": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.Write(made(t, idA))
		}, "unexpected EOF"},
		"claims to be large": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "5000000")
		}, "more than 1048576"},
		"is large": {func(w http.ResponseWriter, r *http.Request) {
			for range 40 {
				w.Write(make([]byte, 64<<10))
			}
		}, "more than 1048576"},
		"redirects for ever": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "more than 5"},
		"redirects to a file": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		}, "redirect refused: to file"},
		"endless header": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, "no answer"},
	} {
		bad := serve(t, test.answer)
		o := Options{CacheDir: t.TempDir(), MaxSize: 1 << 20}
		c := client(t, o, bad.URL)
		if path, err := c.Find(t.Context(), idA, Executable); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %s, %v", name, path, err)
		}
		if left := leftovers(t, o.CacheDir); left != nil {
			t.Errorf("%s: %v", name, left)
		}
		if _, err := client(t, o, bad.URL, having(t).URL).Find(t.Context(), idA, Executable); err != nil {
			t.Errorf("%s, then a good one: %v", name, err)
		}
	}
}

// A server may move a file within itself, and send us nowhere else.
func TestRedirect(t *testing.T) {
	full := having(t)
	moved := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/moved"); ok && rest == "/buildid/"+idA+"/executable" {
			_, _ = w.Write(made(t, idA))
			return
		}
		http.Redirect(w, r, "/moved"+r.URL.Path, http.StatusFound)
	})
	if _, err := client(t, Options{}, moved.URL).Find(t.Context(), idA, Executable); err != nil {
		t.Error(err)
	}
	away := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, full.URL+r.URL.Path, http.StatusFound)
	})
	asked := full.asked.Load()
	_, err := client(t, Options{}, away.URL).Find(t.Context(), idA, Executable)
	if err == nil || !strings.Contains(err.Error(), "another host") || full.asked.Load() != asked {
		t.Errorf("a redirect to another port was followed: %v", err)
	}
	for _, pair := range [][2]string{
		{"https://a", "http://a"}, {"http://a", "https://a"}, {"http://a", "http://b"}, {"http://a", "http://a:81"}, {"http://a", "http://a.b"},
		{"http://a", "file:///a"}, {"http://a:80", "http://169.254.169.254"},
	} {
		from, _ := url.Parse(pair[0])
		to, _ := url.Parse(pair[1])
		if checkRedirect(&http.Request{URL: to}, []*http.Request{{URL: from}}) == nil {
			t.Errorf("a redirect from %s to %s was followed", pair[0], pair[1])
		}
	}
}

// The disk is asked before a file comes whose size is told, and while one comes that
// is larger than that.
func TestDiskIsAsked(t *testing.T) {
	const left = 100 << 10
	for name, tt := range map[string]struct {
		told  bool
		takes int
	}{"told": {true, 0}, "not told": {false, left}} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if tt.told {
				w.Header().Set("X-DEBUGINFOD-SIZE", "1048576")
			}
			b := make([]byte, 1<<20)
			copy(b, made(t, idA))
			for len(b) > 0 { // in pieces, so that no length is told
				n, err := w.Write(b[:min(len(b), 32<<10)])
				if err != nil {
					return
				}
				w.(http.Flusher).Flush()
				b = b[n:]
			}
		})
		o := Options{CacheDir: t.TempDir()}
		c := client(t, o, s.URL)
		taken := 0
		c.room = func(*os.File) func(int64) bool {
			return func(n int64) bool {
				if taken+int(n) > left {
					return false
				}
				taken += int(n)
				return true
			}
		}
		if _, err := c.Find(t.Context(), idA, Executable); !errors.Is(err, errDisk) {
			t.Errorf("%s: %v", name, err)
		}
		if taken > tt.takes || !tt.told && taken == 0 {
			t.Errorf("%s: %d bytes were written", name, taken)
		}
		if left := leftovers(t, o.CacheDir); left != nil {
			t.Errorf("%s: %v", name, left)
		}
	}
}

// What a killed program left goes when nobody can be writing it any more.
func TestLeftoversAreCleaned(t *testing.T) {
	o := Options{CacheDir: t.TempDir()}
	dir := filepath.Join(o.CacheDir, arriving)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"file-old": 2 * time.Hour, "file-new": time.Minute} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client(t, o, having(t).URL).Find(t.Context(), idA, Executable); err != nil {
		t.Fatal(err)
	}
	if left := leftovers(t, o.CacheDir); len(left) != 1 || filepath.Base(left[0]) != "file-new" {
		t.Errorf("%v", left)
	}
}

// A server that says nothing, stops in the middle or is not there is asked once
// in a run; others are asked still.
func TestDeadServers(t *testing.T) {
	hang := func(r *http.Request) { <-r.Context().Done() }
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	silent := serve(t, func(w http.ResponseWriter, r *http.Request) { hang(r) })
	stops := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write(made(t, idA)[:20])
		w.(http.Flusher).Flush()
		hang(r)
	})
	endless := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			w.Write([]byte{0})
			w.(http.Flusher).Flush()
		}
	})
	for _, test := range []struct {
		name string
		url  string
		host *host
		o    Options
	}{
		{"silent", silent.URL, silent, Options{Idle: 50 * time.Millisecond}},
		{"stops", stops.URL, stops, Options{Idle: 50 * time.Millisecond}},
		{"endless", endless.URL, endless, Options{Total: 50 * time.Millisecond}},
		{"closed", "http://user:secret@" + closed.Addr().String(), nil, Options{}},
	} {
		c := client(t, test.o, test.url)
		for _, id := range []string{idA, idB, idA} {
			if _, err := c.Find(t.Context(), id, Executable); !errors.Is(err, errNoAnswer) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if test.host != nil && test.host.asked.Load() != 1 {
			t.Errorf("%s: asked %d times", test.name, test.host.asked.Load())
		}
	}
	full := having(t)
	c := client(t, Options{}, "http://"+closed.Addr().String(), full.URL)
	if _, err := c.Find(t.Context(), idA, Executable); err != nil {
		t.Errorf("a server behind a dead one: %v", err)
	}
	if _, err := c.Find(t.Context(), idB, Executable); !errors.Is(err, errNoAnswer) {
		t.Errorf("what the other does not have: %v", err)
	}
}

// Whoever gives up says nothing about the server.
func TestCancelled(t *testing.T) {
	started, wait := make(chan struct{}), atomic.Bool{}
	wait.Store(true)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if wait.Load() {
			close(started)
			<-r.Context().Done()
			return
		}
		w.Write(made(t, idA))
	})
	c := client(t, Options{}, s.URL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, err := c.Find(ctx, idA, Executable); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wait.Store(false)
	if _, err := c.Find(t.Context(), idA, Executable); err != nil {
		t.Error(err)
	}
	if _, err := c.Find(ctx, idB, Executable); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestConcurrent(t *testing.T) {
	s := having(t)
	c := client(t, Options{}, s.URL)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Find(t.Context(), idA, Executable); err != nil {
				t.Error(err)
			}
			if _, err := c.Find(t.Context(), idB, Executable); !errors.Is(err, errNotFound) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.asked.Load() != 2 {
		t.Errorf("asked %d times", s.asked.Load())
	}
}

// Nothing but hex gets into a URL or a path.
func TestValidID(t *testing.T) {
	s := having(t)
	dir := t.TempDir()
	c := client(t, Options{CacheDir: dir}, s.URL)
	for _, id := range []string{"", "00", "..", "../../x", "001", "0011/../22", "AABB", "zz11", strings.Repeat("00", 65), "0011%2f"} {
		if path, err := c.Find(t.Context(), id, Executable); err == nil || ValidID(id) || errors.Is(err, errNotFound) {
			t.Errorf("%q: %s, %v", id, path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 || s.asked.Load() > 0 {
		t.Errorf("%v %v, asked %d times", entries, err, s.asked.Load())
	}
}

func TestServers(t *testing.T) {
	got := Servers("  https://a/ ima:enforcing http://b:8002\thttps://c ")
	if strings.Join(got, "|") != "https://a/|http://b:8002|https://c" {
		t.Errorf("%q", got)
	}
	for _, bad := range []string{"ftp://a/", "file:///usr/lib/debug", "a:8002", "http://", "http://[::1"} {
		if _, err := New(Options{CacheDir: t.TempDir(), URLs: []string{bad}}); err == nil {
			t.Errorf("%s: taken", bad)
		}
	}
	if _, err := New(Options{}); err == nil {
		t.Error("no cache directory: taken")
	}
}
