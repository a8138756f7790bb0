package envelope

import (
	"strings"
	"testing"
)

func TestJournalJSON(t *testing.T) {
	runCases(t, []envelopeCase{
		{`{"__REALTIME_TIMESTAMP":"1746493701123456","_HOSTNAME":"lb01","SYSLOG_IDENTIFIER":"haproxy","_PID":"1234","MESSAGE":"FATAL: bug condition \"a\" matched at x.c:1"}`,
			`1 journal-json 2025-05-06T01:08:21.123456 host=lb01 ident=haproxy pid=1234 "FATAL: bug condition \"a\" matched at x.c:1"`},
		{`{ "MESSAGE" : "a\nb\n", "_COMM" : "haproxy", "SYSLOG_PID" : "7", "_SOURCE_REALTIME_TIMESTAMP" : "1746493701000000", "X" : null }`,
			"1 journal-json 2025-05-06T01:08:21 host= ident=haproxy pid=7 \"a\"\n1 journal-json 2025-05-06T01:08:21 host= ident=haproxy pid=7 \"b\""},
		{`{"MESSAGE":[27,91,51,49,109,65,10,66],"__CURSOR":"s=1"}`, "1 journal-json host= ident= pid=0 \"A\"\n1 journal-json host= ident= pid=0 \"B\""},
		{`{"MESSAGE":["one","two"],"SYSLOG_IDENTIFIER":["a","b"]}`, "1 journal-json host= ident=a pid=0 \"one\"\n1 journal-json host= ident=a pid=0 \"two\""},
		{`{"MESSAGE":[[65,66],[67]]}`, "1 journal-json host= ident= pid=0 \"AB\"\n1 journal-json host= ident= pid=0 \"C\""},
		{`{"MESSAGE":"\u0041\ud83d\ude00\ud83d \/\b\u00e9\uZZZZ"}`, `1 journal-json host= ident= pid=0 "A😀� /\bé\\uZZZZ"`},
		// An entry without a message gives nothing; a cut one gives what is there.
		{`{"MESSAGE":null,"__CURSOR":"s=1"}`, ""},
		{`{"_HOSTNAME":"lb01","MESSAGE":"FATAL: bug cond`, `1 journal-json host=lb01 ident= pid=0 "FATAL: bug cond"`},
		{`{"MESSAGE":"x","_NESTED":{"a":[{"b":"c"},1,true]},"_PID":"3"}`, `1 journal-json host= ident= pid=3 "x"`},
		// Others' records.
		{`{"@timestamp":"2025-05-06T01:08:21Z","host":"lb01","message":"FATAL: x\n  call trace(1):"}`,
			"1 json 2025-05-06T01:08:21 host=lb01 ident= pid=0 \"FATAL: x\"\n1 json 2025-05-06T01:08:21 host=lb01 ident= pid=0 \"  call trace(1):\""},
		{`{"msg":"May  6 01:08:21 lb01 haproxy[1]: x","level":"info"}`, `1 rfc3164 0000-05-06T01:08:21 noyear nozone host=lb01 ident=haproxy pid=1 "x"`},
		{`{"status":200}`, `1 plain host= ident= pid=0 "{\"status\":200}"`},
		{`{}`, `1 plain host= ident= pid=0 "{}"`},
		{`{"a`, `1 plain host= ident= pid=0 "{\"a"`},
	})
}

func TestJournalFields(t *testing.T) {
	l := one(t, `{"MESSAGE":"x","COREDUMP_SIGNAL":"4","COREDUMP_EXE":"/usr/sbin/haproxy","COREDUMP":"the core","_SYSTEMD_UNIT":"a","UNIT":"b",`+
		`"EXIT_CODE":"dumped","EXIT_STATUS":"4","MESSAGE_ID":"c","_EXE":"d","_CMDLINE":"e f","_TRANSPORT":"stdout","PRIORITY":3,"_UID":"0"}`)
	want := map[string]string{"COREDUMP_SIGNAL": "4", "COREDUMP_EXE": "/usr/sbin/haproxy", "_SYSTEMD_UNIT": "a", "UNIT": "b", "EXIT_CODE": "dumped",
		"EXIT_STATUS": "4", "MESSAGE_ID": "c", "_EXE": "d", "_CMDLINE": "e f", "_TRANSPORT": "stdout", "PRIORITY": "3"}
	if len(l.Fields) != len(want) {
		t.Errorf("%v", l.Fields)
	}
	for k, v := range want {
		if l.Fields[k] != v {
			t.Errorf("%s is %q, want %q", k, l.Fields[k], v)
		}
	}
	// Caps.
	var b strings.Builder
	b.WriteString(`{"MESSAGE":"x","COREDUMP_BIG":"` + strings.Repeat("y", maxValue+5) + `"`)
	for i := range 2 * maxFields {
		b.WriteString(`,"COREDUMP_` + strings.Repeat("A", i%50) + string(rune('A'+i/50)) + `":"v"`)
	}
	l = one(t, b.String()+"}")
	if len(l.Fields) != maxFields || len(l.Fields["COREDUMP_BIG"]) != maxValue {
		t.Errorf("%d fields, %d bytes", len(l.Fields), len(l.Fields["COREDUMP_BIG"]))
	}
	if n := len(decode(`{"MESSAGE":"` + strings.Repeat(`\n`, 3*maxLines) + `"}`)); n != maxLines {
		t.Errorf("%d lines", n)
	}
}
