package objects

import (
	"context"

	"github.com/hacrash/hacrash/pkg/value"
)

// maxConfigured bounds what is made by a configuration.
const maxConfigured = 5_000_000

// Proxies gives all proxies, the internal ones too, in the order of their list.
func (p *Process) Proxies(ctx context.Context, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		err := p.proxies(func(px value.Value) bool { return w.give(p.proxyRow(px)) })
		w.broke(err, "proxies")
	})
}

// proxies walks the proxies: a chain up to 3.4, a list from 3.5 on.
func (p *Process) proxies(yield func(value.Value) bool) error {
	if head := p.structAt("main_proxies", "list"); head.Exists() {
		return head.List("proxy", "el", maxConfigured, yield)
	}
	addr, ok := p.symbol("proxies_list")
	if !ok {
		return value.ErrNoField
	}
	first, err := p.pointerAt(p.main.Runtime(addr))
	if err != nil || first == 0 {
		return err
	}
	return p.space.At("proxy", first).Chain("next", maxConfigured, yield)
}

// servers walks the servers of a proxy: a chain up to 3.2, a list from 3.3 on.
func servers(px value.Value, yield func(value.Value) bool) error {
	if px.Has("servers") {
		return px.Field("servers").List("server", "el_px", maxConfigured, yield)
	}
	first, err := px.Field("srv").Pointer()
	if err != nil || first == 0 {
		return err
	}
	return px.Field("srv").Deref().Chain("next", maxConfigured, yield)
}

// pointerAt reads an address.
func (p *Process) pointerAt(addr uint64) (uint64, error) {
	return value.Word(p.space.Memory, addr)
}

func (p *Process) proxyRow(px value.Value) *record {
	r := p.record("px", "proxy", px)
	r.text("id", px.Field("id"), "?")
	r.dec("uuid", px.Field("uuid"))
	if s, err := px.Field("mode").Enum(); err == nil {
		r.put("mode", mode(s), nil)
	}
	r.flags("cap", "px.cap", px.Field("cap"))
	r.flags("flags", "px", px.Field("flags"))
	cap, err := px.Field("cap").Uint()
	if err == nil && cap&capFrontend != 0 {
		r.dec("feconn", px.Field("feconn"))
		r.dec("fe.cum_conn", shared(px.Field("fe_counters"), "cum_conn"))
		r.dec("fe.conn_max", px.Field("fe_counters", "conn_max"))
		r.dec("fe.cps_max", px.Field("fe_counters", "cps_max"))
	}
	if err == nil && cap&capBackend != 0 {
		r.decs(px, "beconn", "served")
		r.dec("queued", p.queued(px))
		r.dec("be.nbpend_max", px.Field("be_counters", "nbpend_max"))
		r.dec("be.cum_sess", shared(px.Field("be_counters"), "cum_sess"))
		r.dec("weight", px.Field("lbprm", "tot_wact"))
		n := 0
		err := servers(px, func(value.Value) bool { n++; return true })
		r.put("servers", decimal(n), err)
	}
	return r
}

// capFrontend is PR_CAP_FE, the same in all versions (include/haproxy/proxy-t.h).
const capFrontend = 0x1

// shared is a counter, which from 3.3 on lies in a part that processes share.
func shared(counters value.Value, name string) value.Value {
	if counters.Has(name) {
		return counters.Field(name)
	}
	return counters.Field("shared", name)
}

// queued is how many streams wait: of a queue a thread group (3.1-dev on), one
// before, and a plain number before 2.4.
func (p *Process) queued(of value.Value) value.Value {
	switch {
	case of.Has("queueslength"):
		return of.Field("queueslength")
	case of.Has("queue"):
		return of.Field("queue", "length")
	}
	return of.Field("nbpend")
}

// Servers gives the servers of one proxy, or of all if its name is empty.
func (p *Process) Servers(ctx context.Context, proxy string, sink Sink) ([]Break, error) {
	w := &walk{ctx: ctx, p: p, sink: sink}
	return w.run(func() {
		err := p.proxies(func(px value.Value) bool {
			name, _ := px.Field("id").Text()
			if proxy != "" && proxy != name {
				return true
			}
			err := servers(px, func(s value.Value) bool { return w.give(p.serverRow(s, name)) })
			w.broke(err, "servers of %s", name)
			return !w.done
		})
		w.broke(err, "proxies")
	})
}

func (p *Process) serverRow(s value.Value, proxy string) *record {
	r := p.record("srv", "server", s)
	r.text("id", s.Field("id"), "?")
	r.put("proxy", proxy, nil)
	r.state("state", s.Field("cur_state"))
	r.state("next_state", s.Field("next_state"))
	r.flags("admin", "srv.admin", s.Field("cur_admin"))
	r.flags("flags", "srv", s.Field("flags"))
	r.decs(s, "maxconn", "cur_sess")
	r.dec("max_sess", s.Field("counters", "cur_sess_max"))
	r.dec("served", s.Field("served"))
	r.dec("queued", p.queued(s))
	r.dec("weight", s.Field("cur_eweight"))
	r.dec("sps_max", s.Field("counters", "sps_max"))
	r.dec("idle", s.Field("curr_idle_conns"))
	return r
}
