package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// flagsOf begins an answer for a version, "" for none.
func flagsOf(t *testing.T, version string) *Flags {
	t.Helper()
	v := haproxy.Version{}
	if version != "" {
		var err error
		if v, err = haproxy.ParseVersion(version); err != nil {
			t.Fatal(err)
		}
	}
	return NewFlags(v, "option")
}

func TestFlagsValues(t *testing.T) {
	for _, tt := range []struct {
		version, types, numbers, want string
		heads                         bool
	}{
		{"3.2-dev5", "sc", "0x60002", "sc = SC_FL_EOS | SC_FL_SHUT_DONE | SC_FL_EOI\n", false},
		{"3.2.0", "sc task", "0x400 1", "### 0x400:\nsc   = SC_FL_RCV_ONCE\ntask = TASK_WOKEN_IO\n### 0x1:\nsc   = SC_FL_ISBACK\ntask = TASK_RUNNING\n", true},
		{"3.2.0", "sc", "0", "sc = 0\n", false},
		{"", "chn", "0x8000", "### flags of no known version: what versions disagree about is marked with '?'\nchn = CF_AUTO_CLOSE\n", false},
		{"9.9", "sc", "1", "### flags of HAProxy 9.9, ", false},
	} {
		d := flagsOf(t, tt.version)
		types, _ := haproxy.FlagTypes(strings.Fields(tt.types))
		if err := d.Add(types, strings.Fields(tt.numbers), false); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := d.WriteValues(&b, "text", len(types), tt.heads); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != tt.want && (tt.version != "9.9" || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s %s of %q:\n%swant\n%s", tt.types, tt.numbers, tt.version, got, tt.want)
		}
	}
	types, _ := haproxy.FlagTypes([]string{"sc"})
	if err := flagsOf(t, "").Add(types, []string{"1", "word"}, false); err == nil {
		t.Error("a word is taken for a number")
	}
}

func TestFlagsFamilies(t *testing.T) {
	d := flagsOf(t, "3.2.0")
	for _, name := range []string{"strm", "si", "cli.state"} {
		f, ok := haproxy.FlagFamily(name)
		if !ok {
			t.Fatal(name)
		}
		d.AddFamily(f, true)
	}
	if len(d.Families) != 2 || d.Families[0].Name != "strm" || !d.Families[1].Enum {
		t.Fatalf("3.2.0 has no si: %+v", d.Families)
	}
	var text, titles, doc bytes.Buffer
	if err := d.WriteFamilies(&text, "text", true); err != nil || !strings.Contains(text.String(), "0x3000 of 0xf000         SF_ERR_CLICL\n") ||
		!strings.Contains(text.String(), "0x1                      CLI_ST_END\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
	if err := d.WriteFamilies(&titles, "text", false); err != nil || strings.Count(titles.String(), "\n") != 2 || strings.Contains(titles.String(), "SF_") {
		t.Errorf("%v\n%s", err, titles.String())
	}
	if err := d.WriteFamilies(&doc, "json", true); err != nil || !json.Valid(doc.Bytes()) || !strings.Contains(doc.String(), `"name": "SF_ERR_CLICL"`) {
		t.Errorf("%v\n%s", err, doc.String())
	}
}

// A word of a dump without any flag says nothing; an enumeration always does.
func TestFlagsOfFields(t *testing.T) {
	v, err := haproxy.ParseVersion("3.2.0")
	if err != nil {
		t.Fatal(err)
	}
	got := FlagsOfFields([]crash.Field{
		{Name: "scf.flags", Type: "sc", Value: "0x00000000"}, {Name: "app", Value: "0x5"}, {Name: "scb.flags", Type: "sc", Value: "0x0001"},
		{Name: "st0", Type: "cli.state", Value: "0"}, {Name: "bad", Type: "sc", Value: "(nil)"}, {Name: "odd", Type: "none", Value: "1"},
	}, v)
	if len(got) != 2 || got[0].Name != "scb.flags" || got[0].printed != "0x0001" || got[0].Value != "0x1" || got[1].Name != "st0" {
		t.Errorf("%+v", got)
	}
}
