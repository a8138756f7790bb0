package objects

import (
	"errors"
	"strings"

	"github.com/hacrash/hacrash/pkg/value"
)

// maxLooked bounds the proxies, listeners, servers and filters that are looked at for what
// is in use. With more of them nothing is said.
const maxLooked = 50_000

var errMany = errors.New("too many to look at")

// Uses says what is in use, and what is not, in the words of package haconf, by the process's
// own proxies, listeners, servers and filters. Where they could not all be seen nothing is known
// not to be in use.
func (p *Process) Uses() (used, unused []string) {
	u := uses{}
	err := p.proxies(func(px value.Value) bool {
		u.err = u.proxy(px)
		return u.err == nil
	})
	err = errors.Join(err, u.err)
	if addr, ok := p.symbol("cfg_peers"); ok && err == nil {
		var first uint64
		first, err = p.pointerAt(p.main.Runtime(addr))
		u.put("peers", first != 0)
	}
	for _, f := range u.list {
		switch {
		case f.is:
			used = append(used, f.name)
		case err == nil && u.proxies > 0:
			unused = append(unused, f.name)
		}
	}
	return used, unused
}

// uses collects what the configured objects show.
type uses struct {
	list            []use
	proxies, looked int
	err             error
}

// capInternal is PR_CAP_INT, since 2.4 (include/haproxy/proxy-t.h).
const capInternal = 0x8

// use is a feature. One that stays false is not in use, once all objects were seen.
type use struct {
	name string
	is   bool
}

func (u *uses) put(name string, is bool) {
	for i := range u.list {
		if u.list[i].name == name {
			u.list[i].is = u.list[i].is || is
			return
		}
	}
	u.list = append(u.list, use{name, is})
}

// look counts an object.
func (u *uses) look() error {
	if u.looked++; u.looked > maxLooked {
		return errMany
	}
	return nil
}

// proxy looks at one proxy. Those that HAProxy makes for itself say nothing.
func (u *uses) proxy(px value.Value) error {
	id, err := px.Field("id").Text()
	if err != nil {
		return err
	}
	mode, err := px.Field("mode").Enum()
	if err != nil {
		return err
	}
	cap, err := px.Field("cap").Uint()
	if err != nil {
		return err
	}
	if cap&capInternal != 0 || strings.HasPrefix(id, "<") || mode == "PR_MODE_CLI" || mode == "PR_MODE_PEERS" {
		return u.look()
	}
	u.proxies++
	u.put("http", mode == "PR_MODE_HTTP")
	u.put("tcp", mode == "PR_MODE_TCP")
	u.put("spop", mode == "PR_MODE_SPOP")
	for _, m := range [...][2]string{{"stick-table", "table"}, {"compression", "comp"}} {
		if px.Has(m[1]) {
			first, err := px.Field(m[1]).Pointer()
			if err != nil {
				return err
			}
			u.put(m[0], first != 0)
		}
	}
	return errors.Join(u.filters(px), u.listeners(px), u.servers(px))
}

// each is a walk over a list of what a proxy has.
func (u *uses) each(walk func(func(value.Value) bool) error, see func(value.Value) error) error {
	var stop error
	err := walk(func(v value.Value) bool {
		stop = errors.Join(u.look(), see(v))
		return stop == nil
	})
	return errors.Join(err, stop)
}

func (u *uses) listeners(px value.Value) error {
	u.put("quic", false)
	return u.each(func(yield func(value.Value) bool) error {
		return px.Field("conf", "listeners").List("listener", "by_fe", maxLooked, yield)
	}, func(l value.Value) error {
		if l.Has("rx") { // since 2.4
			l = l.Field("rx")
		}
		name, err := l.Field("proto").Deref().Field("name").Text()
		u.put("quic", strings.HasPrefix(name, "quic"))
		return err
	})
}

func (u *uses) servers(px value.Value) error {
	u.put("fcgi", false)
	return u.each(func(yield func(value.Value) bool) error { return servers(px, yield) }, func(s value.Value) error {
		proto, err := s.Field("mux_proto").Pointer()
		if err != nil {
			return err
		}
		if proto != 0 { // fcgi, h2, h1, or another
			token, err := s.Field("mux_proto").Deref().Field("token", "ptr").Text()
			u.put("fcgi", strings.HasPrefix(token, "fcgi"))
			return err
		}
		return nil
	})
}

// filterUses are features by what the name of a filter begins with.
func filterUses() [][2]string {
	return [][2]string{{"SPOE", "spop"}, {"cache", "cache"}, {"comp", "compression"}, {"bandwidth", "bwlim"}, {"trace", "trace-filter"}}
}

func (u *uses) filters(px value.Value) error {
	for _, f := range filterUses() {
		u.put(f[1], false)
	}
	return u.each(func(yield func(value.Value) bool) error {
		return px.Field("filter_configs").List("flt_conf", "list", maxLooked, yield)
	}, func(conf value.Value) error {
		id, err := conf.Field("id").Text()
		for _, f := range filterUses() {
			u.put(f[1], strings.HasPrefix(id, f[0]))
		}
		return err
	})
}
