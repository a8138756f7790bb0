package watch

import (
	"net"
	"path/filepath"
	"testing"
)

// notifySocket is the socket of a service manager; what comes is given in order.
func notifySocket(t *testing.T) func(n int) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return func(n int) (out []string) {
		b := make([]byte, 256)
		for range n {
			m, err := c.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(b[:m]))
		}
		return out
	}
}
