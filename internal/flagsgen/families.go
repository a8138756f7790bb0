package main

import (
	"regexp"
	"strings"
)

// family says which constants make a family of flags, or an enum.
type family struct {
	name    string
	aliases string // separated by commas
	title   string // what holds such a value
	// members are the names, without anchors.
	members string
	// also are more members, of those with a value in bounds: constants of one
	// prefix were for different words before and after some version.
	also []bounded
	// enum says that a value is one name, and not a sum of bits.
	enum bool
	// fields are the bits of the word that hold a number of their own: names
	// that begin with prefix are its values.
	fields []field
	// second are names that another says as well, and better.
	second string
	// twins are names for one bit that are both right.
	twins string
}

// bounded are constants from least to most.
type bounded struct {
	members     string
	least, most uint64
}

// field is a mask, by its name, and how its values' names begin.
type field struct{ mask, prefix string }

// families are all that dev/flags (contrib/debug/flags before 2.4) of any
// version knows, under its name for them, then those of words that dumps or
// cores show and it does not know.
var families = []family{
	{name: "ana", aliases: "analysers", title: "analysers of a channel", members: `AN_RE[QS]_.*`, twins: `AN_RES_HTTP_PROCESS_(FE|BE)`},
	{name: "chn", aliases: "cf,channel", title: "channel", members: `CF_.*`},
	{name: "conn", aliases: "co,connection", title: "connection", members: `CO_FL_.*`},
	{name: "sc", aliases: "stconn", title: "stream connector", members: `SC_FL_.*`},
	{name: "cs", aliases: "conn_stream", title: "conn-stream, before 2.6", members: `CS_FL_.*`},
	{name: "si", aliases: "stream_interface", title: "stream interface, before 2.6", members: `SI_FL_.*`},
	{name: "siet", aliases: "si_et", title: "error of a stream interface, before 2.6", members: `SI_ET_.*`},
	{name: "stet", aliases: "strm_et", title: "error of a stream", members: `STRM_ET_.*`},
	{name: "strm", aliases: "sf,stream", title: "stream", members: `SF_.*`, fields: []field{
		{"SF_ERR_MASK", "SF_ERR_"}, {"SF_FINST_MASK", "SF_FINST_"}, {"SF_TXN_MASK", "SF_TXN_"},
	}},
	{name: "task", title: "state of a task or tasklet", members: `TASK_.*`},
	{name: "txn", aliases: "tx", title: "HTTP transaction", members: `TX_.*`, fields: []field{
		{"TX_CK_MASK", "TX_CK_"}, {"TX_SCK_MASK", "TX_SCK_"}, {"TX_CON_WANT_MSK", "TX_CON_WANT_"},
	}},
	{name: "sd", aliases: "se,endp,cosep,sedesc", title: "stream endpoint", members: `SE_FL_.*|CS_EP_.*`},
	{name: "hsl", aliases: "sl", title: "start line of HTX", members: `HTX_SL_F_.*`},
	{name: "htx", title: "HTX message", members: `HTX_FL_.*`},
	{name: "hmsg", aliases: "http_msg", title: "HTTP message", members: `HTTP_MSGF_.*`},
	{name: "fd", title: "state of a file descriptor", members: `FD_EV_.*|FD_[A-Z]+_(RISK|POSSIBLE|SYSCALL|CLOSE|PORT|PR)|FD_(CLONED|INITIALIZED|EXPORTED|DISOWN)`,
		also: []bounded{{`FD_POLL_.*`, 1 << 8, 1 << 32}}, second: `FD_EV_(ACTIVE|READY|POLLED|SHUT|ERR)`},
	{name: "h2c", title: "H2 connection", members: `H2_CF_.*`},
	{name: "h2s", title: "H2 stream", members: `H2_SF_.*`, fields: []field{{"H2_SF_CHNK_MASK", "H2_SF_CHNK_"}}},
	{name: "h1c", title: "H1 connection", members: `H1C_F_.*`},
	{name: "h1s", title: "H1 stream", members: `H1S_F_.*`},
	{name: "fconn", title: "FastCGI connection", members: `FCGI_CF_.*`},
	{name: "fstrm", title: "FastCGI stream", members: `FCGI_SF_.*`},
	{name: "peers", title: "section of peers", members: `PEERS_F_.*`},
	{name: "peer", title: "peer", members: `PEER_F_.*`},
	{name: "qc", title: "QUIC connection", members: `QUIC_FL_CONN_.*`},
	{name: "spopc", aliases: "spop_conn", title: "SPOP connection", members: `SPOP_CF_.*`},
	{name: "spops", aliases: "spop_strm", title: "SPOP stream", members: `SPOP_SF_.*`},
	{name: "qcc", title: "connection of the QUIC mux", members: `QC_CF_.*`},
	{name: "qcs", title: "stream of the QUIC mux", members: `QC_SF_.*`},
	{name: "appctx", title: "applet's context", members: `APPCTX_FL_.*`},

	{name: "appctx.state", title: "state of an applet's context", members: `APPLET_WANT_DIE`},
	{name: "applet", title: "applet", members: `APPLET_FL_.*`},
	{name: "cli.st1", title: "prompt of the CLI, st1 of its applet", members: `APPCTX_CLI_ST1_.*`},
	{name: "sess", title: "session", members: `SESS_FL_.*`},
	{name: "iobuf", title: "buffer of a stream endpoint for fast forwarding", members: `IOBUF_FL_.*`},
	{name: "abrt", title: "who aborted a stream endpoint", members: `SE_ABRT_SRC_.*`, fields: []field{{"SE_ABRT_SRC_MASK", "SE_ABRT_SRC_"}}},
	{name: "h1m", title: "H1 parser", members: `H1_MF_.*`},
	{name: "sub", title: "events that somebody waits for", members: `SUB_RETRY_.*`},
	{name: "fd.ev", title: "what the poller saw, before 2.4", also: []bounded{{`FD_POLL_.*`, 0, 255}}},
	{name: "thread", aliases: "th", title: "thread", members: `TH_FL_.*`},
	{name: "tainted", title: "what makes a process untrustworthy", members: `TAINTED_.*`, second: `TAINTED_ACCESSED_.*`},
	{name: "strm.evt", title: "events of a stream", members: `STRM_EVT_.*`},
	{name: "strm.flt", title: "filters of a stream", members: `STRM_FLT_FL_.*`},
	{name: "flt", title: "filter", members: `FLT_FL_.*`},
	{name: "shtable", title: "table that peers share", members: `SHTABLE_F_.*`},
	{name: "pcli", title: "proxy of the master's CLI", members: `PCLI_F_.*`},
	{name: "px", title: "proxy", members: `PR_FL_.*`},
	{name: "px.cap", title: "capabilities of a proxy", members: `PR_CAP_.*`},
	{name: "px.options", title: "options of a proxy", members: `PR_O_.*`, fields: []field{{"PR_O_REUSE_MASK", "PR_O_REUSE_"}, {"PR_O_HTTP_MODE", "PR_O_HTTP_"}}},
	{name: "px.options2", title: "more options of a proxy", members: `PR_O2_.*`, fields: []field{
		{"PR_O2_CHK_ANY", "PR_O2_"}, {"PR_O2_RSTRICT_REQ_HDR_NAMES_MASK", "PR_O2_RSTRICT_REQ_HDR_NAMES_"},
	}},
	{name: "px.options3", title: "yet more options of a proxy", members: `PR_O3_.*`, fields: []field{{"PR_O3_HASHAFNTY_MASK", "PR_O3_HASHAFNTY_"}}},
	{name: "srv", title: "server", members: `SRV_F_.*`},
	{name: "srv.admin", title: "administrative state of a server", members: `SRV_ADMF_.*`},
	{name: "check", title: "health check", members: `CHK_ST_.*`},
	{name: "li", title: "listener", members: `LI_F_.*`},
	{name: "li.options", title: "options of a listener", members: `LI_O_.*`},
	{name: "bind", title: "options of a bind line", members: `BC_O_.*`},
	{name: "rx", title: "receiver of a listener", members: `RX_F_.*`},
	{name: "mode", title: "modes of the process", members: `MODE_.*`},
	{name: "gtune", title: "options of the process", members: `GTUNE_.*`},

	{name: "sc.state", aliases: "cs.state,si.state", title: "state of a stream connector, conn-stream or stream interface", enum: true, members: `(SC|CS|SI)_ST_.*`},
	{name: "hmsg.state", aliases: "msg", title: "state of an HTTP message", enum: true, members: `HTTP_MSG_.*`},
	{name: "h1m.state", title: "state of the H1 parser", enum: true, members: `H1_MSG_.*`},
	{name: "h1c.state", title: "state of an H1 connection", enum: true, members: `H1_CS_.*`},
	{name: "h2c.state", aliases: "h2c.st0", title: "state of an H2 connection", enum: true, members: `H2_CS_.*`},
	{name: "h2s.state", aliases: "h2s.st", title: "state of an H2 stream", enum: true, members: `H2_SS_[A-Z]+`},
	{name: "h2.error", title: "error code of H2", enum: true, members: `H2_ERR_.*`, second: `H2_ERR_LOG_.*`},
	{name: "fconn.state", title: "state of a FastCGI connection", enum: true, members: `FCGI_CS_.*`},
	{name: "fstrm.state", title: "state of a FastCGI stream", enum: true, members: `FCGI_SS_.*`},
	{name: "spopc.state", title: "state of a SPOP connection", enum: true, members: `SPOP_CS_.*`},
	{name: "spops.state", title: "state of a SPOP stream", enum: true, members: `SPOP_SS_.*`},
	{name: "spoe.state", title: "state of SPOE's applet, st0, before 3.1", enum: true, members: `SPOE_APPCTX_ST_.*`},
	{name: "qc.state", title: "handshake of a QUIC connection", enum: true, members: `QUIC_HS_ST_.*`},
	{name: "qc.mux", title: "mux of a QUIC connection", enum: true, members: `QC_MUX_.*`},
	{name: "qcs.state", title: "state of a stream of the QUIC mux", enum: true, members: `QC_SS_[A-Z]+`},
	{name: "qcc.app", title: "application layer of a QUIC mux", enum: true, members: `QCC_APP_ST_.*`},
	{name: "cli.state", aliases: "cli.st0", title: "state of the CLI, st0 of its applet", enum: true, members: `CLI_ST_.*`},
	{name: "stats.state", title: "state of the statistics page, st0 of its applet", enum: true, members: `STAT_HTTP_.*`},
	{name: "peer.state", aliases: "peer.st0", title: "session of a peer, st0 of its applet", enum: true, members: `PEER_SESS_ST_.*`},
	{name: "peer.app", title: "applet of a peer", enum: true, members: `PEER_APP_ST_.*`},
	{name: "peer.learn", title: "what a peer learns", enum: true, members: `PEER_LR_ST_.*`},
	{name: "conn.err", aliases: "co_er", title: "error of a connection", enum: true, members: `CO_ER_.*`},
	{name: "obj", aliases: "obj_type", title: "type of an object", enum: true, members: `OBJ_TYPE_.*`},
	{name: "meth", title: "HTTP method", enum: true, members: `HTTP_METH_.*`},
	{name: "strm.entity", title: "what interrupted a stream", enum: true, members: `STRM_ENTITY_.*`},
	{name: "exec", title: "what a thread runs", enum: true, members: `TH_EX_CTX_.*`},
	{name: "px.mode", title: "mode of a proxy", enum: true, members: `PR_MODE_.*`},
	{name: "srv.state", title: "state of a server", enum: true, members: `SRV_ST_.*`},
	{name: "check.status", title: "status of a health check", enum: true, members: `HCHK_STATUS_.*`},
	{name: "li.state", title: "state of a listener", enum: true, members: `LI_(NEW|INIT|ASSIGNED|PAUSED|ZOMBIE|LISTEN|READY|FULL|LIMITED)`},
	{name: "tevt.loc", title: "where a connection ended", enum: true, members: `tevt_loc_.*`},
	{name: "tevt.fd", title: "event that ended a connection, of the file descriptor", enum: true, members: `fd_tevt_type_.*`},
	{name: "tevt.hs", title: "event that ended a connection, of the handshake", enum: true, members: `hs_tevt_type_.*`},
	{name: "tevt.xprt", title: "event that ended a connection, of the transport layer", enum: true, members: `xprt_tevt_type_.*`},
	{name: "tevt.muxc", title: "event that ended a connection, of the mux", enum: true, members: `muxc_tevt_type_.*`},
	{name: "tevt.se", title: "event that ended a stream, of the endpoint", enum: true, members: `se_tevt_type_.*`},
	{name: "tevt.strm", title: "event that ended a stream, of the stream", enum: true, members: `strm_tevt_type_.*`},
}

// never are constants that count or place bits, locks, and macros that declare
// members of structures: in no family. Nor is X_BIT, where there is an X: it
// is the place of X.
var never = regexp.MustCompile(`_(SHIFT|ENTRIES|LOCK|STORAGE)$|^TASK_COMMON$`)

// patterns are a family's names with the bounds of their values.
func (f *family) patterns() []bounded {
	list := f.also
	if f.members != "" {
		list = append([]bounded{{f.members, 0, ^uint64(0)}}, list...)
	}
	return list
}

// asked are the names of all families; the masks of fields are among them.
var asked = func() *regexp.Regexp {
	var all []string
	for i := range families {
		for _, p := range families[i].patterns() {
			all = append(all, p.members)
		}
	}
	return anchored(strings.Join(all, "|"))
}()

// anchored compiles a pattern for whole names.
func anchored(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }
