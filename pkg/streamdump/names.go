package streamdump

// Sources of the names: HAProxy src/stream.c from 2.0 to 3.5-dev5, stream_dump() of
// the forms on one line (sif, csf, scf; rqf) and __strm_dump_to_buffer() of the form
// over several lines (scf, co0, app0; req.f). pkg/objects gives members of structures
// the names of the latter.

// sideNames says what dumps call the facts of a side, the name that is to be believed
// first first.
var sideNames = [2]struct {
	name                   string
	state, connection, mux []string
	words                  []string // all of them, not one
	fd                     string
	// applet are pointers to one, whose state has ".st0" behind it. Of those that are
	// not null the last one counts.
	applet []string
	// label names an applet: src and dst where there is no peer's address, and no server.
	label []string
}{
	{
		name: "front", state: []string{"scf.state", "csf.state", "sif.state", "sif"}, connection: []string{"cof", "co0"}, mux: []string{"co0.mux", "cof.mux"},
		words: []string{"sif.flags", "csf.flags", "sif.cs.flags", "scf.flags", "csf.endp.flags", "scf.endp.flags", "cof.flags", "co0.flags"}, fd: "co0.fd.state",
		applet: []string{"af", "app0"}, label: []string{"app0.applet", "src"},
	},
	{
		name: "back", state: []string{"scb.state", "csb.state", "sib.state", "sib"}, connection: []string{"cob", "co1"}, mux: []string{"co1.mux", "cob.mux"},
		words: []string{"sib.flags", "csb.flags", "sib.cs.flags", "scb.flags", "csb.endp.flags", "scb.endp.flags", "cob.flags", "co1.flags"}, fd: "co1.fd.state",
		applet: []string{"sab", "ab", "app1"}, label: []string{"app1.applet", "dst"},
	},
}

// channelNames says the same of a channel.
var channelNames = [2]struct {
	name                         string
	flags, analysers, message    []string
	output, input, size, forward string
}{
	{
		name: "request", flags: []string{"req.f", "rqf"}, analysers: []string{"req.an", "rqa"}, message: []string{"txn.req.state", "txn.req.st", "req.st", "txn.req"},
		output: "req.o", input: "req.i", size: "req.size", forward: "req.tofwd",
	},
	{
		name: "response", flags: []string{"res.f", "rpf"}, analysers: []string{"res.an", "rpa"}, message: []string{"txn.rsp.state", "txn.rsp.st", "rsp.st", "txn.rsp"},
		output: "res.o", input: "res.i", size: "res.size", forward: "res.tofwd",
	},
}
