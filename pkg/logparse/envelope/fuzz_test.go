package envelope

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkInput decodes an input of several lines and checks what holds for any.
func checkInput(t *testing.T, input []byte) {
	t.Helper()
	d := NewDecoder()
	var out []Line
	number, size := int64(0), 0
	for raw := range bytes.SplitSeq(input, newline) {
		number++
		size += len(raw) + 1
		before := len(out)
		out = d.Decode(raw, number, out)
		for _, l := range out[before:] {
			if l.Number > number {
				t.Fatalf("line %d from line %d", l.Number, number)
			}
		}
	}
	out = d.Flush(out)
	if n := len(out); len(d.Flush(out)) != n {
		t.Fatal("the second Flush gave something")
	}
	text := 0
	for _, l := range out {
		if l.Number < 1 || l.Number > number || l.Format == "" || strings.Contains(l.Text, "\n") {
			t.Fatalf("%+v", l)
		}
		if len(l.Fields) > maxFields {
			t.Fatalf("%d fields", len(l.Fields))
		}
		text += len(l.Text)
	}
	if text > size || len(out) > size {
		t.Fatalf("%d lines, %d bytes of text, from %d lines, %d bytes", len(out), text, number, size)
	}
	for at := range min(len(input), 200) {
		if n := EntryStart(input[:at], input[at:]); n < 0 || n > at {
			t.Fatalf("entry start %d of %d", n, at)
		}
	}
}

// plain leaves out what no envelope carries: control characters and broken UTF-8.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '\ufeff' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// checkWrapped checks that text comes whole out of an envelope in which no other
// can be.
func checkWrapped(t *testing.T, text, format string, wrap func(string) string) {
	t.Helper()
	text = plain(text)
	want := appendLines(Line{}, unescape(text), Further, nil)
	got := decode(wrap(text))
	if len(got) != len(want) {
		t.Fatalf("%q gave %d lines, want %d", text, len(got), len(want))
	}
	for i := range got {
		if got[i].Text != want[i].Text || got[i].Format != format {
			t.Fatalf("%q gave %s, want %q", text, show(got[i]), want[i].Text)
		}
	}
}

// seed adds an envelope around all crash lines, and each one alone.
func seed(f *testing.F, format string) {
	f.Helper()
	found := false
	for _, w := range wrappers {
		if w.format != format {
			continue
		}
		found = true
		var all []string
		for _, text := range crashLines {
			all = append(all, w.wrap(text))
		}
		f.Add([]byte(strings.Join(all, "\n")))
		f.Add([]byte(w.wrap(crashLines[0])))
	}
	if !found {
		f.Fatalf("no envelope %s", format)
	}
}

func FuzzJournalShort(f *testing.F) {
	seed(f, Short)
	seed(f, Full)
	seed(f, ISO)
	seed(f, Monotonic)
	f.Add([]byte("May 06 01:08:21 lb01 a: x\n                        y\n\n                        z"))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		for _, format := range []string{Short, ISO, Full} {
			for _, w := range wrappers {
				if w.format == format {
					checkWrapped(t, string(b), format, w.wrap)
				}
			}
		}
	})
}

func FuzzJournalJSON(f *testing.F) {
	seed(f, JournalJSON)
	f.Add([]byte(`{"MESSAGE":[[1,2],["a",null,{"b":[]}]],"X":-1.5e3,"COREDUMP_A":"\ud83d\ude00\u12"`))
	f.Add([]byte(`{"message":"{\"log\":\"a\"}","@timestamp":"2025-05-06T01:08:21Z"}`))
	f.Add([]byte("\x01{\"MESSAGE\":00")) // an envelope once its control character is gone
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		if strings.HasPrefix(plain(string(b)), "{") {
			return // another envelope
		}
		checkWrapped(t, string(b), JournalJSON, func(s string) string { return `{"MESSAGE":` + quoteJSON(s) + `}` })
	})
}

// Documents of any shape: never more text than there was, and pieces of a line are as the line.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{
		`{"data":{"result":[{"stream":{"app":"haproxy"},"values":[["1739178764123456000","a"],["1739178764123456001","b",{"x":"y"}]]}]}}`,
		"[\n  {\n    \"line\": \"a\\nb\",\n    \"fields\": {\"host\": \"lb1\"}\n  },\n  {\"line\": \"c\"}\n]",
		`{"columns":[{"name":"message"},{"name":"host"}],"values":[["a","lb1"],["b","lb1"]]}`,
		`{"schema":{"fields":[{"name":"Time"},{"name":"Line"}]},"data":{"values":[[1739178764123,1739178764124],["a","b"]]}}`,
		`{"resourceLogs":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"lb1"}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}`,
		`{"results":[[{"field":"@message","value":"a"}]]}`, `{"message":"a`, "  \"message\": \"a\",\n  },\n  {", `["a","b"]`, `{"tags":["pod_name:x"],"msg":"a"}{"msg":"b"}`,
	} {
		f.Add([]byte(s), uint16(7))
	}
	f.Fuzz(func(t *testing.T, b []byte, seed uint16) {
		checkInput(t, b)
		line, _, _ := strings.Cut(string(b), "\n")
		if line == "" || line[0] != '{' || !utf8.ValidString(line) {
			return
		}
		whole := document{}
		okWhole := whole.feed(line, 1)
		whole.cut()
		parts := document{}
		okParts := true
		for rest := line; rest != "" && okParts; {
			n := min(len(rest), 1+int(seed)%17)
			okParts = parts.feed(rest[:n], 1)
			rest = rest[n:]
		}
		parts.cut()
		if okWhole && okParts && len(whole.ready) != len(parts.ready) {
			t.Fatalf("%q: %d texts, in pieces %d", line, len(whole.ready), len(parts.ready))
		}
		size := 0
		for _, s := range whole.ready {
			size += len(s.text)
		}
		if size > 3*len(line) {
			t.Fatalf("%q: %d bytes of text", line, size)
		}
	})
}

func FuzzJournalExport(f *testing.F) {
	seed(f, Export)
	f.Add([]byte("__CURSOR=s=0\n" + sizedField("MESSAGE", "0123456\n89") + "\n\n"))
	f.Add([]byte("__CURSOR=s=0\n" + sizedField("COREDUMP_X", "\n\n\n") + "MESSAGE=x\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		checkInput(t, append([]byte("__CURSOR=s=0\nMESSAGE\n"), b...))
		// Whatever a value with a size holds, what follows is found again.
		in := "__CURSOR=s=0\n" + sizedField("OTHER", string(b)) + "MESSAGE=x\n"
		out := decode(in)
		if len(b) < 1<<16 && (len(out) != 1 || out[0].Text != "x" || out[0].Number != int64(strings.Count(in, "\n"))) {
			t.Fatalf("%+v", out)
		}
	})
}

func FuzzJournalVerbose(f *testing.F) {
	seed(f, Verbose)
	f.Add([]byte("Tue 2025-05-06 01:08:21 UTC [s=0]\n    MESSAGE=a\n            b\n    COREDUMP_X=a\n               b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		checkInput(t, append([]byte("Tue 2025-05-06 01:08:21 UTC [s=0]\n    MESSAGE=a\n"), b...))
	})
}

func FuzzRFC3164(f *testing.F) {
	seed(f, RFC3164)
	f.Add([]byte("<133>x\n44 <133>May  6 01:08:21 a b: x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		for _, w := range wrappers {
			if w.format == RFC3164 {
				checkWrapped(t, string(b), RFC3164, w.wrap)
			}
		}
	})
}

func FuzzRFC5424(f *testing.F) {
	seed(f, RFC5424)
	f.Add([]byte(`<1>1 - - - - - [a b="\]"][c@1] x`))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		checkWrapped(t, string(b), RFC5424, func(s string) string { return "<133>1 2025-05-06T01:08:21.5Z lb01 haproxy 1234 - - " + s })
	})
}

func FuzzDockerJSON(f *testing.F) {
	seed(f, DockerJSON)
	f.Add([]byte("{\"log\":\"a\",\"stream\":\"b\"}\n{\"log\":\"c\",\"logtag\":\"P\"}\n{\"log\":\"d\\n\",\"stream\":\"b\"}"))
	f.Fuzz(func(t *testing.T, b []byte) { checkInput(t, b) })
}

func FuzzCRI(f *testing.F) {
	seed(f, CRI)
	f.Add([]byte("2025-05-06T01:08:21Z stderr P a\n2025-05-06T01:08:21Z stdout F b\n2025-05-06T01:08:21Z stderr F c"))
	f.Fuzz(func(t *testing.T, b []byte) { checkInput(t, b) })
}

func FuzzKubectl(f *testing.F) {
	seed(f, Kubectl)
	seed(f, Stamped)
	seed(f, Compose)
	f.Fuzz(func(t *testing.T, b []byte) { checkInput(t, b) })
}

func FuzzDmesg(f *testing.F) {
	seed(f, Dmesg)
	f.Add([]byte("kern  :info  : [  1.5][ T1] x\n[1.5 < 0.1>] lb01 kernel: x"))
	f.Fuzz(func(t *testing.T, b []byte) { checkInput(t, b) })
}

func FuzzCSV(f *testing.F) {
	seed(f, CSV)
	f.Add([]byte("time,message\n2025-05-06T01:08:21Z,x\n\"2025-05-06T01:08:21Z\",\"a\"\"\nb\"\"\"\nc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		// What a quoted field holds comes out again.
		text := strings.Map(func(r rune) rune {
			if r < ' ' || r == '\ufeff' || r == '#' {
				return -1
			}
			return r
		}, strings.ToValidUTF8(string(b), ""))
		fields, _, open, ok := split(`"`+strings.ReplaceAll(text, `"`, `""`)+`",b`, ',')
		if !ok || open || len(fields) != 2 || fields[0] != text {
			t.Fatalf("%q gave %q", text, fields)
		}
	})
}

func FuzzRsyslogEscapes(f *testing.F) {
	f.Add([]byte("a#012b#011#0#01#013##012"))
	f.Add([]byte("<133>May  6 01:08:21 lb01 haproxy[1]: a#012b#015#012"))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkInput(t, b)
		checkInput(t, append([]byte("May  6 01:08:21 lb01 haproxy[1]: "), b...))
		if bytes.IndexByte(b, '#') < 0 {
			escaped := strings.NewReplacer("\n", "#012", "\t", "#011", "\r", "#015").Replace(string(b))
			if got := unescape(escaped); got != string(b) {
				t.Fatalf("%q became %q", b, got)
			}
		}
	})
}

// The size of a field is not believed before its bytes are there.
func TestExportHugeSize(t *testing.T) {
	for _, size := range []uint64{maxBinary, maxBinary + 1, 1 << 63, 1<<64 - 1} {
		head := "__CURSOR=s=0\nMESSAGE=a\nCOREDUMP\n" + string(binary.LittleEndian.AppendUint64(nil, size))
		checkInput(t, []byte(head+strings.Repeat("x\n", 1000)))
		if out := decode(head + "x\n"); len(out) == 0 || out[0].Text != "a" {
			t.Errorf("size %d: %+v", size, out)
		}
	}
}

// Input made to be large when decoded.
func TestHostile(t *testing.T) {
	deep := strings.Repeat("a-1 | ", 5000)
	for i, in := range []string{
		strings.Repeat("> ", 5000),
		deep + "x",
		strings.Repeat("[", 100000),
		`{"MESSAGE":` + strings.Repeat("[", 100000),
		`{"a":` + strings.Repeat(`{"a":`, 100000),
		strings.Repeat(`{"log":"x","logtag":"P","stream":"a"}`+"\n", 20000),
		strings.Repeat("<1>", 5000),
		"May  6 01:08:21 a b: " + strings.Repeat("#012", 50000),
		"Tue 2025-05-06 01:08:21 UTC [s=0]\n    COREDUMP_X=a\n" + strings.Repeat("                \n", 50000),
		strings.Repeat(`"`, 100000),
		strings.Repeat(`,`, 100000),
		"message," + strings.Repeat(`a,`, 400) + "b\n" + strings.Repeat(`,`, 100000),
		strings.Repeat("\x1b]", 50000),
		strings.Repeat("\x1b[1", 50000),
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) { checkInput(t, []byte(in)) })
	}
}
