package haconf

import (
	"io"
	"strings"
)

// Settings are where and as whom HAProxy runs, by the global sections. They are a path and
// names of this machine, which Config does not keep: they are for comparing with the
// machine, not for showing.
type Settings struct {
	Chroot string
	// User and Group are names, or numbers of uid and gid.
	User, Group string
	// Dumpable says whether set-dumpable is on; possible when a condition decides.
	Dumpable Use
}

// ReadSettings reads the global sections of a configuration, named as for Read.
func ReadSettings(names []string, stdin io.Reader) (*Settings, error) {
	r := newReader(nil, false)
	s := &Settings{}
	r.machine = s
	files, err := list(names)
	if err != nil {
		return nil, err
	}
	left := int64(maxBytes)
	for _, name := range files {
		n, err := r.open(name, stdin, left)
		if err != nil {
			return nil, err
		}
		left -= n
	}
	return s, nil
}

// take keeps what a line of a global section sets. HAProxy takes the last chroot, and
// refuses a second user.
func (s *Settings) take(words []string, negated, conditional bool) {
	value := ""
	if len(words) > 1 && !strings.ContainsAny(words[1], holes) {
		value = words[1]
	}
	if negated && words[0] != "set-dumpable" {
		return // HAProxy refuses it
	}
	switch words[0] {
	case "chroot":
		s.Chroot = value
	case "user", "uid":
		s.User = value
	case "group", "gid":
		s.Group = value
	case "set-dumpable":
		switch {
		case conditional:
			s.Dumpable = MaybeUsed
		case negated || value == "off":
			s.Dumpable = NotUsed
		default:
			s.Dumpable = Used
		}
	}
}
