package haproxy

import "strings"

// fieldFamilies says which family a field of a dump holds. Fields are called by
// the object that they belong to and the key that is printed, as pkg/logparse
// calls them: "f=" of the line "req=0x… (f=0x…" is req.f, while the line of the
// transaction prints "req.f=", which is txn.req.f.
//
// Sources: HAProxy src/stream.c, src/mux_*.c and src/peers.c from 2.0 to 3.5-dev5:
// stream_dump(), the dump of "show sess all", *_show_fd() and *_show_sd().
var fieldFamilies = map[string]string{
	// The form on one line; keys whose value is pointer,flags have ".flags" behind them.
	"strm": "strm", "strm.flags": "strm", "rqf": "chn", "rpf": "chn", "rqa": "ana", "rpa": "ana",
	"sif.flags": "si", "sib.flags": "si", "csf.flags": "cs", "csb.flags": "cs", "scf.flags": "sc", "scb.flags": "sc",
	"cof.flags": "conn", "cob.flags": "conn", "txn.flags": "txn", "txn.req.flags": "hmsg", "txn.rsp.flags": "hmsg",
	// As printed, when somebody asks for one alone.
	"sif": "si", "sib": "si", "csf": "cs", "csb": "cs", "scf": "sc", "scb": "sc", "cof": "conn", "cob": "conn", "txn": "txn",
	"txn.req": "hmsg", "txn.rsp": "hmsg", "endp": "sd", "sef": "sd", "cof.flg": "conn", "cob.flg": "conn", "co0.fl": "conn", "co1.fl": "conn",

	// The form over several lines.
	"stream.flags": "strm", "task.state": "task", "txn.req.f": "hmsg", "txn.rsp.f": "hmsg", "txn.meth": "meth",
	"si.flags": "si", "si[0].flags": "si", "si[1].flags": "si", "si.et": "siet", "si[0].et": "siet", "si[1].et": "siet",
	"endp.flags": "sd", "iobuf.flags": "iobuf", "co0.flags": "conn", "co1.flags": "conn", "fd.state": "fd",
	"req.f": "chn", "res.f": "chn", "req.an": "ana", "res.an": "ana", "htx.flags": "htx",

	// Muxes.
	"h1c.flg": "h1c", "h1s.flg": "h1s", "h2c.flg": "h2c", "h2s.flg": "h2s", "h2c.err": "h2.error",
	"fconn.flg": "fconn", "fstrm.flg": "fstrm", "fconn.st0": "fconn.state", "last_fstrm.flg": "fstrm", "last_h2s.flg": "h2s",
	"spop_conn.flg": "spopc", "spop_strm.flg": "spops", "spop_conn.st0": "spopc.state", "qcc.flg": "qcc", "qcs.flg": "qcs",
	"sc.flg": "sc", "cs.flg": "cs", "sd.flg": "sd", "endp.flg": "sd", "conn.flg": "conn", "conn.err_code": "conn.err",
	"qcc.flags": "qcc", "qcs.flags": "qcs",

	"peers.flags": "peers", "peer.flags": "peer", "conn_et": "stet",
}

// FieldFamily says which family of flags a field of a dump holds in version v,
// which may be the zero Version when it is not known. Objects around the one
// that has the field do not matter: co1.h1s.sd.flg is a sd.flg.
func FieldFamily(field string, v Version) (family string, ok bool) {
	for name := field; ; {
		if family, ok = fieldFamilies[name]; ok {
			break
		}
		if _, name, ok = strings.Cut(name, "."); !ok {
			return "", false
		}
	}
	f, ok := FlagFamily(family)
	return family, ok && f.In(v)
}

// AppletStates says which enum the state st0 of an applet is from; the applet's
// name is without angle brackets.
func AppletStates(applet string) (family string, ok bool) {
	switch applet {
	case "CLI", "MCLI":
		return "cli.state", true
	case "STATS":
		return "stats.state", true
	case "PEER":
		return "peer.state", true
	case "SPOE":
		return "spoe.state", true
	}
	return "", false
}
