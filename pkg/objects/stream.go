package objects

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/value"
)

// Stream reads a stream and all that hangs on it. The first object is the stream
// itself.
func (p *Process) Stream(addr uint64) []crash.Object {
	c := &collector{p: p, seen: map[uint64]bool{}}
	c.stream(p.space.At("stream", addr))
	return c.all
}

func (c *collector) stream(v value.Value) {
	v = v.Load()
	if !c.visit(v) {
		return
	}
	r := c.p.record("strm", "stream", v)
	r.dec("id", v.Field("uniq_id"))
	r.hex("flags", v.Field("flags"), 0)
	r.dec("conn_retries", v.Field("conn_retries"))
	r.expiry("conn_exp", v.Field("conn_exp"))
	r.hex("conn_et", v.First("conn_err_type"), 3)
	r.pointer("srv_conn", v.Field("srv_conn"))
	r.pointer("pend_pos", v.Field("pend_pos"))
	for _, n := range passes() {
		r.dec(n.dump, v.Field(n.member))
	}
	sess := v.Field("sess").Deref()
	r.proxy("frontend", sess.Field("fe"))
	r.listener("listener", sess.Field("listener"))
	if be := v.Field("be"); backend(be) {
		r.proxy("backend", be)
	} else {
		r.put("backend", "<NONE>", be.Err())
	}
	r.server("server", v.Field("target"))
	if kw, err := v.Field("current_rule").Deref().Field("kw").Deref().Field("kw").Text(); err == nil {
		r.put("current_rule", kw, nil)
	}
	c.add(r)

	c.task("task", v.Field("task").Deref())
	c.txn(v.Field("txn").Deref())
	for i, side := range sides(v) {
		if v.Has("si") {
			c.interfaceOf(side.role, i, side.v)
			continue
		}
		c.connector(side.role, i, side.v.Deref())
	}
	c.filters(v)
	c.channel("req", v.Field("req"))
	c.channel("res", v.Field("res"))
	c.session(sess)
}

// passes are the counters of loops within the analysers (3.1 on), by what the dump
// calls them.
func passes() []struct{ dump, member string } {
	return []struct{ dump, member string }{
		{"p_con", "passes_connect"}, {"p_stc", "passes_stconn"}, {"p_req", "passes_reqana"}, {"p_res", "passes_resana"}, {"p_prp", "passes_propag"},
	}
}

type side struct {
	role string
	v    value.Value
}

// sides are the two ends of a stream: connectors since 2.6, stream interfaces
// before.
func sides(v value.Value) []side {
	switch {
	case v.Has("scf"): // 2.6-dev12 on
		return []side{{"scf", v.Field("scf")}, {"scb", v.Field("scb")}}
	case v.Has("csf"): // 2.6-dev
		return []side{{"csf", v.Field("csf")}, {"csb", v.Field("csb")}}
	}
	return []side{{"sif", v.Field("si").Index(0)}, {"sib", v.Field("si").Index(1)}}
}

// proxy adds a proxy by its name. (A stream has none behind before one is
// chosen.)
func (r *record) proxy(name string, v value.Value) {
	px := v.Deref()
	if a, err := v.Pointer(); err == nil && a == 0 {
		r.put(name, "<NONE>", nil)
		return
	}
	r.text(name, px.Field("id"), "?")
	r.dec(name+".id", px.Field("uuid"))
	if s, err := px.Field("mode").Enum(); err == nil {
		r.put(name+".mode", mode(s), nil)
	}
}

// capBackend is PR_CAP_BE, the same in all versions (include/haproxy/proxy-t.h).
const capBackend = 0x2

// backend says whether a proxy can be one: the backend of a stream is its frontend
// until another is chosen.
func backend(v value.Value) bool {
	cap, err := v.Deref().Field("cap").Uint()
	return err != nil || cap&capBackend != 0
}

// mode is what PR_MODE_TCP and its like are called in a dump.
func mode(enumerator string) string {
	switch enumerator {
	case "PR_MODE_TCP", "PR_MODE_HTTP", "PR_MODE_CLI", "PR_MODE_SYSLOG", "PR_MODE_PEERS", "PR_MODE_SPOP":
		return map[string]string{
			"PR_MODE_TCP": "tcp", "PR_MODE_HTTP": "http", "PR_MODE_CLI": "cli",
			"PR_MODE_SYSLOG": "syslog", "PR_MODE_PEERS": "peers", "PR_MODE_SPOP": "spop",
		}[enumerator]
	}
	return enumerator
}

func (r *record) listener(name string, v value.Value) {
	l := v.Deref()
	if a, err := v.Pointer(); err != nil || a == 0 {
		return
	}
	r.text(name, l.Field("name"), "?")
	r.dec(name+".id", l.Field("luid"))
}

// server adds what a stream is to go to, when that is a server.
func (r *record) server(name string, target value.Value) {
	kind, err := target.Deref().Enum()
	if err != nil || kind != "OBJ_TYPE_SERVER" {
		return
	}
	srv := target.Deref().As("server")
	r.text(name, srv.Field("id"), "?")
	r.dec(name+".id", srv.Field("puid"))
}

// connector reads a stconn (2.6 on; conn_stream in its development).
func (c *collector) connector(role string, i int, v value.Value) {
	if !c.visit(v) {
		return
	}
	r := c.p.record(role, "stconn", v)
	r.hex("flags", v.Field("flags"), 8)
	r.state("state", v.Field("state"))
	sd := v.First("sedesc", "endp").Deref()
	kind, end := c.endpoint(sd)
	r.put("endp.type", kind, nil)
	r.pointer("endp", sd.First("se", "target"))
	r.hex("endp.flags", sd.Field("flags"), 8)
	r.dec("sub", v.Field("wait_event", "events"))
	if app, err := v.Field("app").Deref().Enum(); err == nil {
		r.put("app", app, nil)
	}
	r.dec("room_needed", v.Field("room_needed"))
	r.time("ioto", v.Field("ioto"))
	c.add(r)
	c.end(role, i, kind, end, sd)
}

// endpoint says what a descriptor describes: an applet, or a stream of a mux over
// a connection.
func (c *collector) endpoint(sd value.Value) (kind string, end value.Value) {
	if se, err := sd.First("se", "target").Pointer(); err == nil {
		v := c.p.space.At("appctx", se)
		if t, err := v.Field("obj_type").Enum(); err == nil && t == "OBJ_TYPE_APPCTX" {
			return "APPCTX", v
		}
	}
	if conn, err := sd.Field("conn").Pointer(); err == nil && conn != 0 {
		return "CONN", sd.Field("conn").Deref()
	}
	if ctx, err := sd.Field("ctx").Pointer(); err == nil { // 2.6-dev: the context is the connection
		v := c.p.space.At("connection", ctx)
		if t, err := v.Field("obj_type").Enum(); err == nil && t == "OBJ_TYPE_CONN" {
			return "CONN", v
		}
	}
	return "NONE", value.Value{}
}

// interfaceOf reads a stream interface (up to 2.5).
func (c *collector) interfaceOf(role string, i int, v value.Value) {
	if !c.visit(v) {
		return
	}
	r := c.p.record(role, "stream_interface", v)
	r.put("state", c.p.interfaceState(v.Field("state")), nil)
	r.hex("flags", v.Field("flags"), 0)
	r.dec("exp", v.Field("exp"))
	end := v.Field("end").Deref()
	kind, _ := end.Enum()
	switch kind {
	case "OBJ_TYPE_APPCTX":
		c.add(r)
		c.end(role, i, "APPCTX", end.As("appctx"), value.Value{})
		return
	case "OBJ_TYPE_CS":
		cs := end.As("conn_stream")
		r.pointer("cs", v.Field("end"))
		r.flags("cs.flags", "cs", cs.Field("flags"))
		c.add(r)
		c.end(role, i, "CONN", cs.Field("conn").Deref(), cs)
		return
	}
	c.add(r)
}

func (p *Process) interfaceState(v value.Value) string {
	n, err := v.Int()
	if err != nil {
		return "???"
	}
	// enum si_state of include/haproxy/stream_interface-t.h, the same from 2.0 to 2.5.
	names := [...]string{"INI", "REQ", "QUE", "TAR", "ASS", "CON", "CER", "RDY", "EST", "DIS", "CLO"}
	if n < 0 || int(n) >= len(names) {
		return "???"
	}
	return names[n]
}

// end goes to what is at the end of one side.
func (c *collector) end(role string, i int, kind string, end, sd value.Value) {
	switch kind {
	case "APPCTX":
		c.applet(fmt.Sprintf("app%d", i), end)
	case "CONN":
		c.connection(fmt.Sprintf("co%d", i), end, sd)
	}
}

// channel reads one direction of a stream and how full its buffer is.
func (c *collector) channel(role string, v value.Value) {
	if !c.visit(v) {
		return
	}
	r := c.p.record(role, "channel", v)
	r.hex("f", v.Field("flags"), 0)
	r.hex("an", v.Field("analysers"), 0)
	r.forward("tofwd", v.Field("to_forward"))
	r.dec("total", v.Field("total"))
	r.expiry("an_exp", v.Field("analyse_exp"))
	r.put("buf", address(v.Field("buf").Address()), v.Field("buf").Err())
	r.buffer(v.Field("buf"), v.Field("output"))
	c.add(r)
}

// forward adds how much is to be forwarded without a look; all ones mean no
// end.
func (r *record) forward(name string, v value.Value) {
	n, err := v.Uint()
	text := fmt.Sprint(n)
	if err == nil && n == 1<<32-1 {
		text = "-1"
	}
	r.put(name, text, err)
}

// buffer adds how full a buffer is: o bytes are to go out, i came in and were not
// looked at.
func (r *record) buffer(v, output value.Value) {
	r.pointer("data", v.Field("area"))
	data, err := v.Field("data").Uint()
	out, errOut := output.Uint()
	if err == nil && errOut == nil {
		r.put("o", fmt.Sprint(out), nil)
		r.put("i", fmt.Sprint(int64(data)-int64(out)), nil)
	} else {
		r.put("o+i", fmt.Sprint(data), err)
	}
	r.dec("size", v.Field("size"))
}

// filters adds those on a stream, in their order.
func (c *collector) filters(v value.Value) {
	head := v.Field("strm_flt", "filters")
	if !head.Exists() {
		return
	}
	err := head.List("filter", "list", 16, func(f value.Value) bool {
		if !c.visit(f) {
			return false
		}
		r := c.p.record("filter", "filter", f)
		conf := f.Field("config").Deref()
		r.text("id", conf.Field("id"), "?")
		r.flags("flags", "flt", f.Field("flags"))
		c.add(r)
		return true
	})
	if err != nil {
		r := c.p.record("filters", "list", head)
		r.put("list", "", err)
		c.add(r)
	}
}

// session reads who a stream is for.
func (c *collector) session(v value.Value) {
	if !c.visit(v) {
		return
	}
	r := c.p.record("sess", "session", v)
	r.flags("flags", "sess", v.Field("flags"))
	r.pointer("origin", v.Field("origin"))
	c.add(r)
}

// txn reads the HTTP transaction.
func (c *collector) txn(v value.Value) {
	if !c.visit(v) {
		return
	}
	r := c.p.record("txn", "http_txn", v)
	r.hex("flags", v.Field("flags"), 0)
	r.decs(v, "meth", "status")
	r.message("req", v.Field("req"))
	r.message("rsp", v.Field("rsp"))
	c.add(r)
}

func (r *record) message(name string, v value.Value) {
	s, err := v.Field("msg_state").Enum()
	if err == nil && len(s) > 5 && s[:5] == "HTTP_" {
		s = s[5:]
	}
	r.put(name+".st", s, err)
	r.hex(name+".f", v.Field("flags"), 2)
}
