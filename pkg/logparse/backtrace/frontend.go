package backtrace

import (
	"regexp"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// frontEnds are frames as the front ends of gdb, and drgn, print them, which people paste as
// they are, and how gdb itself writes such a frame:
//
//	[#0] 0x55d0f1a3b2c1 → h2_snd_buf(sc=0x55d0f2f3f3f0)      GEF
//	 ► 0   0x55d0f1a3b2c1 h2_snd_buf+1233                    pwndbg, whose frames without a name say None
//	   1   0x55d0f1a4c111 sc_conn_send+129
//	#0  h2_snd_buf (src/mux_h2.c:7512:9)                     drgn
var frontEnds = [...]struct {
	frame func() *regexp.Regexp
	gdb   string
}{
	{lex.Pattern(`^[ \t]*\[#(\d+)\] (0x[[:xdigit:]]+) (?:→|->) ([A-Za-z_][\w.$]*)$`), "#$1  $2 in $3 ()"},
	{lex.Pattern(`^[ \t]*\[#(\d+)\] (0x[[:xdigit:]]+) (?:→|->) ([A-Za-z_][\w.$]*)(\(.*)$`), "#$1  $2 in $3 $4"},
	{lex.Pattern(`^(?:[ \t]*► |[ \t]) *(\d+) +(0x[[:xdigit:]]{6,}) +None(?:\+\d*)?$`), "#$1  $2 in ?? ()"},
	{lex.Pattern(`^(?:[ \t]*► |[ \t]) *(\d+) +(0x[[:xdigit:]]{6,}) +([A-Za-z_][\w.$]*)(?:\+\d*)?$`), "#$1  $2 in $3 ()"},
	{lex.Pattern(`^[ \t]*(#\d{1,5}[ \t]+[A-Za-z_][\w.$]*) \(([^ =,()]+:\d+):\d+\)$`), "$1 () at $2"},
}

// asGDB writes such a frame as gdb itself does; any other line stays as it is.
func asGDB(text string) string {
	if text == "" || strings.IndexByte("[# \t\xe2", text[0]) < 0 {
		return text
	}
	for _, f := range frontEnds {
		if f.frame().MatchString(text) {
			return f.frame().ReplaceAllString(text, f.gdb)
		}
	}
	return text
}
