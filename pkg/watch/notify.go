package watch

import (
	"net"
	"os"
	"strconv"
	"time"
)

// Notifier tells systemd how the service does (sd_notify(3)). Without NOTIFY_SOCKET it says nothing.
type Notifier struct {
	conn  net.Conn
	every time.Duration
	last  time.Time
}

// NewNotifier reads the environment that systemd sets.
func NewNotifier() *Notifier {
	n := &Notifier{}
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return n
	}
	if name[0] == '@' { // an abstract one
		name = "\x00" + name[1:]
	}
	if c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"}); err == nil {
		n.conn = c
	}
	if us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		n.every = time.Duration(us) * time.Microsecond / 3
	}
	return n
}

// Say sends a state.
func (n *Notifier) Say(state string) {
	if n.conn != nil {
		_, _ = n.conn.Write([]byte(state))
	}
}

// Alive keeps systemd's watchdog from ending the service.
func (n *Notifier) Alive() {
	if n.every == 0 || time.Since(n.last) < n.every {
		return
	}
	n.last = time.Now()
	n.Say("WATCHDOG=1")
}
