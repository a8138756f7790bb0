package debuginfod

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// errDisk says that the file would fill the disk.
var errDisk = errors.New("not enough free disk for it; make room in the cache directory, or name another by XDG_CACHE_HOME")

// errNoAnswer says that a server is not there, or does not speak.
var errNoAnswer = errors.New("no answer")

// fetch gets a file from one server and puts it in its place.
func (c *Client) fetch(ctx context.Context, s *server, r request, path string) error {
	ctx, stop := context.WithTimeoutCause(ctx, c.o.Total, fmt.Errorf("%w: not done in %v", errNoAnswer, c.o.Total))
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(c.o.Idle, func() { cancel(fmt.Errorf("%w for %v", errNoAnswer, c.o.Idle)) })
	defer idle.Stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.JoinPath("buildid", r.id, string(r.kind)).String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "hacrash")
	resp, err := c.http.Do(req)
	if err != nil {
		return transport(ctx, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return errNotFound
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("it answers %d", resp.StatusCode)
	}
	size := resp.ContentLength
	if n, err := strconv.ParseInt(resp.Header.Get("X-DEBUGINFOD-SIZE"), 10, 64); err == nil && size < 0 && n >= 0 {
		size = n
	}
	if size > c.o.MaxSize {
		return fmt.Errorf("the file has %d bytes, more than %d", size, c.o.MaxSize)
	}
	f, err := c.place()
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is there any more after the rename
	p := Progress{Server: s.url.Host, BuildID: r.id, Kind: r.kind, Size: size}
	room := c.room(f)
	if !room(max(size, 0)) {
		err = errDisk
	} else {
		err = c.copy(f, resp.Body, idle, &p, size, room)
	}
	p.Done = true
	c.o.Progress(p)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return transport(ctx, err)
	}
	if err := check(f.Name(), r.id); err != nil {
		return fmt.Errorf("what it sent is not the file that was asked for: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// transport turns an error of the connection into that of the time-out behind
// it, and says that the server is not to be asked again.
func transport(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if errors.Is(err, errRedirect) {
		return errors.Unwrap(err)
	}
	var e *url.Error
	if errors.As(err, &e) {
		// Without the URL, which may hold a password.
		return fmt.Errorf("%w: %w", errNoAnswer, e.Err)
	}
	return err
}

// copy copies a body, and counts and bounds it. There is room for taken bytes, and
// for more only if that says so.
func (c *Client) copy(w io.Writer, body io.Reader, idle *time.Timer, p *Progress, taken int64, room func(int64) bool) error {
	buf := make([]byte, 256<<10)
	for {
		c.o.Progress(*p)
		n, err := body.Read(buf)
		idle.Reset(c.o.Idle)
		if p.Got += int64(n); p.Got > c.o.MaxSize {
			return fmt.Errorf("the file has more than %d bytes", c.o.MaxSize)
		}
		if p.Got > taken && !room(int64(n)) {
			return errDisk
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
