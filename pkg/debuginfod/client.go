package debuginfod

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/source"
)

const maxRedirects = 5

// Kind is what of a build is asked for; it is the last part of the URL.
type Kind string

// The kinds.
const (
	Executable Kind = "executable"
	DebugInfo  Kind = "debuginfo"
)

// Options of a client. Zero values are replaced as told.
type Options struct {
	// URLs of servers, http or https, in the order in which they are asked.
	URLs []string
	// CacheDir is made when it is first needed. It may be that of elfutils.
	CacheDir string
	// Connect bounds name lookup and connection (5 s); Idle the time between two
	// pieces of an answer, and before the first (30 s); Total a whole file (10 min).
	Connect, Idle, Total time.Duration
	// MaxSize of a file, in bytes (1 GiB).
	MaxSize int64
	// Progress is told how a file arrives; nil if nobody wants to know. It is
	// called by one goroutine at a time.
	Progress func(Progress)
	// Proxy chooses a proxy as http.Transport.Proxy does; nil means none.
	Proxy func(*http.Request) (*url.URL, error)
}

// Progress is how far a file has arrived.
type Progress struct {
	Server  string // host and port
	BuildID string
	Kind    Kind
	// Got and Size are in bytes; Size is -1 if the server does not tell.
	Got, Size int64
	// Done is said once, whether the file came whole or not.
	Done bool
}

// errNotFound says that no server has the file.
var errNotFound = errors.New("no debuginfod server has it")

// Client asks servers. It is safe for concurrent use: files come one at a time.
type Client struct {
	o       Options
	servers []*server
	http    *http.Client
	turn    chan struct{}     // holds a token while nobody is asking
	failed  map[request]error // what was asked for in vain
	// room gives what is asked before bytes are written to a file.
	room func(*os.File) func(n int64) bool
	// cleaned: what killed programs left was looked for.
	cleaned bool
}

type request struct {
	id   string
	kind Kind
}

// server is one of the URLs; dead is why it is not asked any more.
type server struct {
	url  *url.URL
	dead error
}

// Servers takes apart what DEBUGINFOD_URLS holds: URLs with spaces between them.
//
// Folklore: since elfutils 0.192 words like "ima:enforcing" may stand among
// them, which tell how signatures are checked. We check build-ids only.
func Servers(s string) []string {
	var urls []string
	for _, word := range strings.Fields(s) {
		if !strings.HasPrefix(word, "ima:") {
			urls = append(urls, word)
		}
	}
	return urls
}

// New makes a client. It asks nobody yet. The error is for a URL that cannot be
// asked, or for no cache directory.
func New(o Options) (*Client, error) {
	if o.CacheDir == "" {
		return nil, errors.New("no directory to keep what debuginfod sends: set HOME or XDG_CACHE_HOME")
	}
	o.Connect, o.Idle, o.Total = cmp.Or(o.Connect, 5*time.Second), cmp.Or(o.Idle, 30*time.Second), cmp.Or(o.Total, 10*time.Minute)
	o.MaxSize = cmp.Or(o.MaxSize, 1<<30)
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	c := &Client{o: o, turn: make(chan struct{}, 1), failed: map[request]error{}}
	c.room = func(f *os.File) func(int64) bool { return source.NewRoom(f).Take }
	c.turn <- struct{}{}
	for _, s := range o.URLs {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("debuginfod server %q: not a URL of http or https", s)
		}
		c.servers = append(c.servers, &server{url: u})
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:               o.Proxy,
			DialContext:         (&net.Dialer{Timeout: o.Connect}).DialContext,
			TLSHandshakeTimeout: o.Connect,
			// What is counted and shown is what travels; files are compressed
			// inside if at all.
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
			IdleConnTimeout:        o.Idle,
		},
		CheckRedirect: checkRedirect,
	}
	return c, nil
}

var errRedirect = errors.New("redirect refused")

// checkRedirect follows a few redirects that stay with the server that the user named:
// another one would learn what crashed here, or be some machine of this network that
// only we can reach.
func checkRedirect(r *http.Request, via []*http.Request) error {
	from := via[0].URL
	switch {
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: more than %d", errRedirect, maxRedirects)
	case r.URL.Scheme != from.Scheme:
		return fmt.Errorf("%w: to %s", errRedirect, r.URL.Scheme)
	case !strings.EqualFold(r.URL.Host, from.Host):
		return fmt.Errorf("%w: to another host, %s; name that one with --debuginfod if you trust it", errRedirect, r.URL.Host)
	}
	return nil
}

// Close ends connections that wait for the next request.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// ValidID tells whether a build-id is one: hex in lower case, of 2 to 64 bytes.
// Only such ones get into URLs and paths.
func ValidID(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) >= 2 && len(b) <= 64 && strings.ToLower(id) == id
}

// Find gives the path of a file in the cache, and fetches it if it is not there.
// The error is [errNotFound] if no server has it; that of the last server, if
// one could not be asked; or that of ctx.
func (c *Client) Find(ctx context.Context, buildID string, kind Kind) (path string, err error) {
	if !ValidID(buildID) {
		return "", fmt.Errorf("build-id %q: not hex of 2 to 64 bytes", buildID)
	}
	r := request{buildID, kind}
	path = filepath.Join(c.o.CacheDir, buildID, string(kind))
	select {
	case <-c.turn:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { c.turn <- struct{}{} }()
	if check(path, buildID) == nil {
		return path, nil
	}
	if err := c.failed[r]; err != nil {
		return "", err
	}
	if err := c.ask(ctx, r, path); err != nil {
		if ctx.Err() == nil {
			c.failed[r] = err
		}
		return "", err
	}
	return path, nil
}

// check tells whether a file is of the build.
func check(path, buildID string) error {
	f, err := elffile.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if id := f.BuildID(); id != buildID {
		return fmt.Errorf("its build-id is %q", id)
	}
	return nil
}

// ask asks one server after the other.
func (c *Client) ask(ctx context.Context, r request, path string) error {
	result := errNotFound
	for _, s := range c.servers {
		if s.dead != nil {
			result = s.dead
			continue
		}
		err := c.fetch(ctx, s, r, path)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, errNotFound) {
			result = fmt.Errorf("debuginfod server %s: %w", s.url.Host, err)
		}
		if errors.Is(err, errNoAnswer) {
			s.dead = result
		}
	}
	return result
}

// arriving is the directory, in that of the cache, of files that are not whole yet.
const arriving = ".hacrash"

// leftover is how old a file there is that nobody writes any more. One that arrives
// is written every Idle.
const leftover = time.Hour

// place makes a new file under a name of its own.
func (c *Client) place() (*os.File, error) {
	dir := filepath.Join(c.o.CacheDir, arriving)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c.clean(dir)
	return os.CreateTemp(dir, "file-*")
}

// clean removes, once, what killed programs left.
func (c *Client) clean(dir string) {
	if c.cleaned {
		return
	}
	c.cleaned = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // then what is made there fails, too
	}
	for _, e := range entries {
		st, err := e.Info()
		if err == nil && st.Mode().IsRegular() && time.Since(st.ModTime()) > max(leftover, 2*c.o.Idle) {
			_ = os.Remove(filepath.Join(dir, e.Name())) // perhaps another program was first
		}
	}
}
