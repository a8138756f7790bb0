package classify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// analysers are what signatures may ask for, the lowest bit first.
const analysers = `REQ_FLT_START_FE REQ_INSPECT_FE REQ_WAIT_HTTP REQ_HTTP_BODY REQ_PROCESS_FE REQ_SWITCHING REQ_FLT_START_BE REQ_INSPECT_BE
REQ_PROCESS_BE REQ_TARPIT REQ_SRV_RULES REQ_HTTP_INNER REQ_RDP_COOKIE REQ_STICKING REQ_FLT_HTTP_HDRS REQ_XFER_BODY
REQ_WAIT_CLI REQ_FLT_XFER_DATA REQ_FLT_END RES_FLT_START_FE RES_FLT_START_BE RES_INSPECT
RES_WAIT_HTTP RES_STORE RES_PROCESS RES_FLT_HTTP_HDRS RES_XFER_BODY RES_WAIT_CLI RES_FLT_XFER_DATA RES_FLT_END`

// TestAnalysers: signatures find analysers under the names that they have in them,
// whatever the version, and know when there are none.
func TestAnalysers(t *testing.T) {
	fact := func(version string, fields ...crash.Field) []string {
		return factsOf(&crash.Crash{Process: &crash.Process{Version: version}, Stream: &crash.Stream{Fields: fields}}).values["analyser"]
	}
	names := strings.Fields(analysers)
	for _, version := range []string{"", "2.0.0", "2.6.12", "3.2.0", "9.9.0"} {
		for bit, name := range names {
			word := fmt.Sprintf("0x%x", 1<<bit)
			if got := fact(version, crash.Field{Name: "res.an", Value: word}); !slices.Equal(got, []string{name}) {
				t.Errorf("%q, res.an=%s: %q, want %s", version, word, got, name)
			}
		}
		all := fact(version, crash.Field{Name: "rqa", Value: "7ffff"}, crash.Field{Name: "rpa", Value: "3ff80000"})
		if !slices.Equal(all, names) {
			t.Errorf("%q, all bits: %q", version, all)
		}
		if got := fact(version, crash.Field{Name: "rqa", Value: "0"}); got == nil || len(got) != 0 {
			t.Errorf("%q, rqa=0: %#v, want none", version, got)
		}
		if got := fact(version, crash.Field{Name: "rqa", Value: "?"}, crash.Field{Name: "strm", Value: "0x10"}); got != nil {
			t.Errorf("%q, rqa=?: %q, want nothing known", version, got)
		}
	}
}

// TestFactsOfObjects: what a core holds of a stream is facts like those of a dump, and
// nothing is told of one that is not the dumped one.
func TestFactsOfObjects(t *testing.T) {
	c := &crash.Crash{Kind: crash.Spinning, Process: &crash.Process{Version: "3.2.0"}, Objects: []crash.Object{
		{Role: "strm", Type: "stream", Address: 0x10, Fields: []crash.Field{{Name: "frontend", Value: "fe1"}}},
		{Role: "scb", Type: "stconn", Address: 0x20, Fields: []crash.Field{{Name: "scb.state", Value: "EST"}}},
		{Role: "co1", Type: "connection", Address: 0x30, Fields: []crash.Field{{Name: "co1.mux", Value: "H2"}}},
		{Role: "co1.h2c", Type: "h2c", Address: 0x40, Fields: []crash.Field{{Name: "co1.h2c.st0", Value: "PRF"}}},
		{Role: "filter", Type: "filter", Address: 0x50, Fields: []crash.Field{{Name: "filter.id", Value: "trace filter"}}},
		{Role: "filter", Type: "filter", Address: 0x60, Fields: []crash.Field{{Name: "filter.id", Value: "cache filter"}}},
		{Role: "req", Type: "channel", Address: 0x70, Fields: []crash.Field{{Name: "req.an", Value: "0x8000"}}},
	}}
	want := map[string][]string{
		"back_state": {"EST"}, "back_mux": {"H2"}, "mux": {"H2"}, "mux_state": {"PRF"}, "back_connection": {"yes"},
		"filter": {"trace filter", "cache filter"}, "analyser": {"REQ_XFER_BODY"},
	}
	got := factsOf(c)
	for key, values := range want {
		if !slices.Equal(got.values[key], values) {
			t.Errorf("%s is %q, want %q", key, got.values[key], values)
		}
	}
	c.Stream = &crash.Stream{Address: 0x11, Fields: []crash.Field{{Name: "fe", Value: "fe2"}}}
	got = factsOf(c)
	for key := range want {
		if v, known := got.values[key]; known {
			t.Errorf("%s is %q of another stream", key, v)
		}
	}
}
