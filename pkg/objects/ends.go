package objects

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/value"
)

// Applet reads an applet's context and, first, the stream that it serves.
func (p *Process) Applet(addr uint64) []crash.Object {
	c := &collector{p: p, seen: map[uint64]bool{}}
	v := p.space.At("appctx", addr)
	c.stream(p.streamOf(v))
	c.applet("appctx", v)
	return c.all
}

// streamOf is the stream that an applet serves: through its descriptor since 2.6,
// before that through what owns it.
func (p *Process) streamOf(appctx value.Value) value.Value {
	sc := appctx.Field("sedesc").Deref().Field("sc").Deref()
	if !sc.Exists() {
		sc = appctx.Field("endp").Deref().First("cs", "sc").Deref()
	}
	if sc.Exists() {
		return streamOfConnector(sc)
	}
	owner, err := appctx.Field("owner").Pointer()
	if err != nil {
		return value.Value{}
	}
	return p.streamAround(owner)
}

// streamAround is the stream in which a stream interface lies (up to 2.5), as one of
// two.
func (p *Process) streamAround(si uint64) value.Value {
	t, ok := p.space.Struct("stream")
	if !ok {
		return value.Value{}
	}
	f, ok := t.Field("si")
	if !ok || f.Type().Element() == nil {
		return value.Value{}
	}
	for i := range f.Type().Length() {
		v := p.space.At("stream", si-f.Offset-i*f.Type().Element().Size)
		if kind, err := v.Field("obj_type").Enum(); err == nil && kind == "OBJ_TYPE_STREAM" {
			return v
		}
	}
	return value.Value{}
}

func streamOfConnector(sc value.Value) value.Value {
	app := sc.Field("app").Deref()
	if t, err := app.Enum(); err != nil || t != "OBJ_TYPE_STREAM" {
		return value.Value{}
	}
	return app.As("stream")
}

func (c *collector) applet(role string, v value.Value) {
	v = v.Load()
	if !c.visit(v) {
		return
	}
	r := c.p.record(role, "appctx", v)
	r.text("applet", v.Field("applet").Deref().Field("name"), "?")
	r.function("handler", v.Field("applet").Deref().Field("fct"))
	r.dec("st0", v.Field("st0"))
	if name, ok := haproxy.AppletName(r.value("applet")); ok {
		if family, ok := haproxy.AppletStates(name); ok {
			r.kind("st0", family)
		}
	}
	r.decs(v, "st1", "st2")
	r.flags("flags", "appctx", v.Field("flags"))
	r.flags("state", "appctx.state", v.Field("state"))
	r.rate("call_rate", v.Field("call_rate"))
	r.function("io_handler", v.Field("io_handler"))
	r.function("io_handler", v.Field("cli_ctx", "io_handler"))
	r.level("inbuf", v.Field("inbuf"))
	r.level("outbuf", v.Field("outbuf"))
	r.dec("to_forward", v.Field("to_forward"))
	r.pointer("task", v.Field("t"))
	c.add(r)
	c.task(role+".task", v.Field("t").Deref())
}

// level adds how full a buffer of an applet is.
func (r *record) level(name string, v value.Value) {
	if !v.Exists() {
		return
	}
	data, err := v.Field("data").Uint()
	size, errSize := v.Field("size").Uint()
	if err == nil {
		err = errSize
	}
	r.put(name, fmt.Sprintf("%d/%d", data, size), err)
}

// rate adds how often something happened in this period and in the one before.
func (r *record) rate(name string, v value.Value) {
	r.dec(name+".current", v.Field("curr_ctr"))
	r.dec(name+".previous", v.Field("prev_ctr"))
}

// connection reads a connection and what its mux keeps.
func (c *collector) connection(role string, v, sd value.Value) {
	if !c.visit(v) {
		return
	}
	r := c.p.record(role, "connection", v)
	mux := v.Field("mux").Deref()
	r.hex("flags", v.Field("flags"), 8)
	r.text("ctrl", v.Field("ctrl").Deref().Field("name"), "NONE")
	r.xprt("xprt", v.Field("xprt"))
	r.text("mux", mux.Field("name"), "NONE")
	r.dec("fd", v.First("handle", "handle").Field("fd"))
	r.dec("err", v.Field("err_code"))
	r.target("target", v.Field("target"))
	c.add(r)
	name, err := mux.Field("name").Text()
	if err != nil {
		return
	}
	c.mux(role, name, mux, v, sd)
}

// target adds what a pointer to an object of any type points to, as a dump does:
// LISTENER:0x….
func (r *record) target(name string, v value.Value) {
	at, err := v.Pointer()
	if err != nil || at == 0 {
		return
	}
	kind, err := v.Deref().Enum()
	r.put(name, strings.TrimPrefix(kind, "OBJ_TYPE_")+":"+address(at), err)
}

// xprt adds the name of a transport, which fills its array when it is "QUIC".
func (r *record) xprt(name string, v value.Value) {
	r.text(name, v.Deref().Field("name"), "NONE")
}

// muxTypes are the structures of a mux's connection and stream, in the source file of
// the mux alone.
func muxTypes(mux string) (connection, stream string) {
	switch mux {
	case "H1":
		return "h1c", "h1s"
	case "H2":
		return "h2c", "h2s"
	case "FCGI":
		return "fcgi_conn", "fcgi_strm"
	case "SPOP":
		return "spop_conn", "spop_strm"
	case "QUIC":
		return "qcc", "qcs"
	}
	return "", ""
}

// dumped is what a dump calls a structure of a mux.
func dumped(structure string) string {
	switch structure {
	case "fcgi_conn":
		return "fconn"
	case "fcgi_strm":
		return "fstrm"
	}
	return structure
}

// mux reads what a mux keeps of a connection and of the stream.
func (c *collector) mux(role, name string, ops, conn, sd value.Value) {
	connection, stream := muxTypes(name)
	code, err := ops.Field("init").Pointer()
	ctx, errCtx := conn.Field("ctx").Pointer()
	if connection == "" || err != nil || errCtx != nil {
		return
	}
	space := c.p.near(code)
	if v := space.At(connection, ctx); c.visit(v) {
		r := c.p.record(role+"."+dumped(connection), connection, v)
		r.hex("flg", v.Field("flags"), 0)
		r.state("st0", v.Field("st0"))
		r.state("state", v.Field("state"))
		r.dec("err", v.Field("errcode"))
		r.dec("maxid", v.First("max_id"))
		r.dec("lastid", v.Field("last_sid"))
		r.dec("nbst", v.First("nb_streams"))
		r.dec("nbsc", v.First("nb_sc", "nb_cs"))
		r.dec("glitches", v.Field("glitches"))
		r.level("ibuf", v.Field("ibuf"))
		r.level("obuf", v.Field("obuf"))
		r.level("dbuf", v.Field("dbuf"))
		r.pointer("task", v.Field("task"))
		c.add(r)
	}
	se, err := sd.First("se", "target", "ctx").Pointer()
	if err != nil || stream == "" {
		return
	}
	if v := space.At(stream, se); c.visit(v) {
		r := c.p.record(role+"."+dumped(stream), stream, v)
		r.dec("id", v.Field("id"))
		r.hex("flg", v.Field("flags"), 0)
		r.state("st", v.First("st", "state"))
		r.message("req", v.Field("req"))
		r.message("res", v.Field("res"))
		r.level("rxbuf", v.Field("rxbuf"))
		c.add(r)
	}
}
