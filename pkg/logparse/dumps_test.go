package logparse

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// value gives the last field of a name, as text and type.
func value(fields []crash.Field, name string) string {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].Name == name {
			return fields[i].Value + " " + fields[i].Type
		}
	}
	return ""
}

// TestDumpsOfTwoWriters reads lines of two dumps that are mixed.
func TestDumpsOfTwoWriters(t *testing.T) {
	d := NewDumps()
	var got []crash.Field
	for _, l := range []string{
		"Feb 10 09:12:44 lb1 haproxy[1]:              strm=0x55aa00,8 src=unix fe=GLOBAL be=GLOBAL dst=<CLI>",
		"Feb 10 09:12:44 lb1 haproxy[2]:              strm=0x55bb00,8 src=<PEER> fe=GLOBAL be=GLOBAL dst=s1",
		"Feb 10 09:12:44 lb1 haproxy[1]:              af=(nil),0 sab=0x55cc00,1",
		"Feb 10 09:12:44 lb1 haproxy[2]:              af=0x55dd00,7 sab=(nil),0",
	} {
		got = append(got, d.Line([]byte(l))...)
	}
	if v := value(got, "sab.st0"); v != "0 " {
		t.Errorf("the applet that is not there has state %q", v)
	}
	for _, f := range got {
		if f.Name == "sab.st0" && f.Value == "1" && f.Type != "cli.state" {
			t.Errorf("the CLI's state is of type %q", f.Type)
		}
	}
	if v := value(got, "af.st0"); v != "7 peer.state" {
		t.Errorf("the peer's state is %q", v)
	}
}

// TestDumpsStartAnew: of two dumps without their first lines each gives its fields.
func TestDumpsStartAnew(t *testing.T) {
	d := NewDumps()
	for range 2 {
		got := d.Line([]byte("     scf=0x55c300 flags=0x00000482 ioto=30s state=EST endp=CONN,0x55c400,0x50404001 sub=1"))
		if v := value(got, "scf.endp.flags"); v != "0x50404001 sd" {
			t.Errorf("endp is %q", v)
		}
	}
	if got := d.Line([]byte("the end")); len(got) > 0 {
		t.Errorf("%d fields in a line that is none of a dump", len(got))
	}
}

func TestDumpFields(t *testing.T) {
	for text, want := range map[string]string{
		"scb=0x55b090,EST,401":                   "0x401 sc",
		"rqf=808000 scb=0x55b090,EST,401":        "0x401 sc",
		"scb=0x55b090 flags=0x00000401 ioto=30s": "0x00000401 sc",
		"scb.flags=401":                          "0x401 sc",
	} {
		if v := value(DumpFields(text), "scb.flags"); v != want {
			t.Errorf("%s: scb.flags is %q, want %q", text, v, want)
		}
	}
}

// FuzzDumps reads texts of any sort; fields stay within their bounds.
func FuzzDumps(f *testing.F) {
	samples, err := filepath.Glob("testdata/samples/*.txt")
	if err != nil || len(samples) == 0 {
		f.Fatal("no samples", err)
	}
	for _, name := range samples {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d := NewDumps()
		for line := range bytes.Lines(text) {
			for _, x := range append(d.Line(line), DumpFields(string(line))...) {
				if x.Name == "" || len(x.Name) > 128 || len(x.Value) > maxValue+16 || strings.ContainsRune(x.Name, '\n') {
					t.Fatalf("field %q of %d bytes", x.Name, len(x.Value))
				}
			}
		}
	})
}
