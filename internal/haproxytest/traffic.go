package haproxytest

import (
	"io"
	"net"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"
)

// Dial connects to a socket below Dir. The connection is closed with the test, not
// before: what came through it stays in HAProxy's buffers.
func (p *Process) Dial(name string) *net.UnixConn {
	p.t.Helper()
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: filepath.Join(p.Dir, name), Net: "unix"})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	return c
}

// Send sends text and returns when HAProxy has taken all of it from the socket.
func (p *Process) Send(c *net.UnixConn, text string) {
	p.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		p.t.Fatalf("haproxy takes no more: %v", err)
	}
	for deadline := time.Now().Add(p.patience); ; time.Sleep(time.Millisecond) {
		switch n := unread(p, c); {
		case n == 0:
			return
		case time.Now().After(deadline):
			p.t.Fatalf("haproxy has not read %d bytes", n)
		}
	}
}

// unread is how many bytes the other end has not read yet.
func unread(p *Process, c *net.UnixConn) (n int32) {
	p.t.Helper()
	raw, err := c.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&n))); e != 0 {
				err = e
			}
		})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// Crash sends text, and does not care for what comes of it.
func (p *Process) Crash(name, text string) {
	p.t.Helper()
	_, _ = io.WriteString(p.Dial(name), text)
}

// Exchange sends a request and returns the answer up to the end of the connection.
func (p *Process) Exchange(name, request string) string {
	p.t.Helper()
	c := p.Dial(name)
	_ = c.SetDeadline(time.Now().Add(p.patience))
	if _, err := io.WriteString(c, request); err != nil {
		p.t.Fatal(err)
	}
	answer, _ := io.ReadAll(c)
	return string(answer)
}

// Serve listens on a socket below Dir and answers every connection with the same text
// when it has said something. It never closes one.
func (p *Process) Serve(name, answer string) {
	p.t.Helper()
	l, err := net.Listen("unix", filepath.Join(p.Dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if n, _ := c.Read(make([]byte, 1)); n > 0 {
					_, _ = io.WriteString(c, answer)
				}
				_, _ = io.Copy(io.Discard, c)
			}()
		}
	}()
}
