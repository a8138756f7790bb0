package envelope

import (
	"encoding/binary"
	"strings"
	"testing"
)

// field writes a field with a size.
func sizedField(name, value string) string {
	return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
}

func TestExport(t *testing.T) {
	const head = "__CURSOR=s=0a\n__REALTIME_TIMESTAMP=1746493701123456\n_HOSTNAME=lb01\n"
	const who = " journal-export 2025-05-06T01:08:21.123456 host=lb01 ident=haproxy pid=1234 "
	const tail = "SYSLOG_IDENTIFIER=haproxy\n_PID=1234\n"
	runCases(t, []envelopeCase{
		{head + "MESSAGE=[ALERT]    (1) : x\n" + tail + "\n", "4" + who + `"[ALERT]    (1) : x"`},
		{head + sizedField("MESSAGE", "A bogus STREAM\n  0x55aa00: [1]\n\n     flags\n") + tail + "\n", "5" + who + `"A bogus STREAM"` +
			"\n6" + who + `"  0x55aa00: [1]"` + "\n7" + who + `""` + "\n8" + who + `"     flags"`},
		// The size itself holds a newline: 10 is one, and so is 0x0a00.
		{head + sizedField("MESSAGE", "0123456\n89") + tail + "\n", "6" + who + `"0123456"` + "\n7" + who + `"89"`},
		{head + sizedField("MESSAGE", strings.Repeat("x", 0x0a00)) + tail + "\n", "6" + who + `"` + strings.Repeat("x", 0x0a00) + `"`},
		{head + sizedField("MESSAGE", "\n") + tail + "\n", "5" + who + `""`},
		{head + sizedField("MESSAGE", "") + tail + "\n", "5" + who + `""`},
		// Two entries, the last without its end.
		{head + "MESSAGE=a\n" + tail + "\n" + head + tail + "MESSAGE=b\n", "4" + who + `"a"` + "\n13" + who + `"b"`},
		// Cut in the middle of a value.
		{head + tail + strings.TrimSuffix(sizedField("MESSAGE", "abc\ndef\nghi"), "\nghi\n"), "7" + who + `"abc"` + "\n8" + who + `"def"`},
		// A size that is a lie.
		{head + tail + "MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\x7f\nFATAL: x\n", "8 plain host= ident= pid=0 \"FATAL: x\""},
		{head + tail + "MESSAGE\n\x02\x00\x00\x00\x00\x00\x00\x00abFATAL: x\n", "7" + who + "\"ab\"\n7 plain host= ident= pid=0 \"FATAL: x\""},
		// Something else follows without the empty line.
		{head + tail + "MESSAGE=a\n[ALERT]    (1) : x\n", "6" + who + "\"a\"\n7 plain host= ident= pid=0 \"[ALERT]    (1) : x\""},
		{strings.ReplaceAll(head+"MESSAGE=a\n"+tail+"\nb\n", "\n", "\r\n"), "4" + who + "\"a\"\n8 plain host= ident= pid=0 \"b\""},
	})
}

func TestEntryStart(t *testing.T) {
	const first = "__CURSOR=s=0\nMESSAGE=a\n\n"
	const second = "__CURSOR=s=1\n_PID=1\n"
	const verbose = "Tue 2025-05-06 01:08:21.123456 UTC [s=0a;i=1]\n    _PID=1\n"
	value := sizedField("COREDUMP_X", "x\n\ny __CURSOR=no")
	for _, c := range []struct {
		before, line string
		want         int
	}{
		{first + second, "MESSAGE=FATAL: x", len(second)},
		{first + second + "MESSAGE\n\x40\x00\x00\x00\x00\x00\x00\x00A bogus\n", "  0x55: ", len(second) + 24},
		{first + second + value, "MESSAGE=x", len(second) + len(value)},
		{second + "MESSAGE", "__CURSOR=x", 0},
		{first, "FATAL: x", 0},
		{first, "__CURSOR=s=1", 0},
		{second, "FATAL: x", 0},
		{"no " + second, "MESSAGE=x", 0},
		{"cut off\n", "MESSAGE=x", 0},
		{"plain\n" + verbose, "    MESSAGE=x", len(verbose)},
		{verbose + verbose + "    MESSAGE=x\n", "            y", len(verbose) + 14},
		{verbose, "FATAL: x", 0},
		{"plain\n    indented\n", "    MESSAGE=x", 0},
		{"    _PID=1\n", "    MESSAGE=x", 0},
		{"", "    MESSAGE=x", 0},
		{"", "", 0},
	} {
		if got := EntryStart([]byte(c.before), []byte(c.line)); got != c.want {
			t.Errorf("before %q line %q: %d, want %d", c.before, c.line, got, c.want)
		}
	}
}

func TestMultiLine(t *testing.T) {
	for _, w := range wrappers {
		d := NewDecoder()
		for i, raw := range strings.Split(w.wrap("x"), "\n") {
			d.Decode([]byte(raw), int64(i), nil)
		}
		if got, want := d.MultiLine(), w.format == Export || w.format == Verbose; got != want {
			t.Errorf("%s: %v", w.format, got)
		}
	}
}
