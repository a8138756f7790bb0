package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// written gives a document of two objects, one break and one line.
func writtenObjects(t *testing.T, format string, unredacted bool) string {
	t.Helper()
	var b bytes.Buffer
	w := NewObjects(&b, format, "stream", unredacted)
	for _, o := range []crash.Object{
		{Role: "scb", Type: "stconn", Address: 0x55d0, Fields: []crash.Field{
			{Name: "scb.flags", Value: "0x1", Flags: []string{"SC_FL_ISBACK"}}, {Name: "app", Value: "a \x1b[31mb"}, {Name: "name"},
			{Name: "scb.state", Unavailable: "not in the core"},
		}},
		{Type: "task"},
	} {
		if err := w.Object(&o); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Broken("streams of thread 2: it\x1b leads nowhere"); err != nil {
		t.Fatal(err)
	}
	if err := w.Line("000010 .."); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestObjectsText(t *testing.T) {
	const want = "0x55d0 stconn scb: flags=0x1(SC_FL_ISBACK) app=\"a \\x1b[31mb\" name=\"\" state=<unavailable: not in the core>\n" +
		"- task :\n! streams of thread 2: it\\x1b leads nowhere\n000010 ..\n"
	if got := writtenObjects(t, "text", false); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := writtenObjects(t, "text", true); !strings.HasPrefix(got, "! ") || !strings.HasSuffix(got, want) {
		t.Errorf("nothing says that it was not redacted: %s", got)
	}
}

func TestObjectsJSON(t *testing.T) {
	var doc struct {
		Schema, What string
		Unredacted   bool
		Objects      []crash.Object
		Broken       []string
	}
	text := writtenObjects(t, "json", true)
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if doc.Schema != "hacrash.inspect/1" || doc.What != "stream" || !doc.Unredacted || len(doc.Objects) != 3 || len(doc.Broken) != 1 {
		t.Errorf("%+v", doc)
	}
	var b bytes.Buffer
	if err := NewObjects(&b, "json", "tasks", false).Close(); err != nil || !json.Valid(b.Bytes()) || !strings.Contains(b.String(), `"broken":[]`) {
		t.Errorf("nothing at all: %v: %s", err, b.String())
	}
	lines := strings.Split(strings.TrimSpace(writtenObjects(t, "jsonl", true)), "\n")
	if len(lines) != 5 || lines[0] != `{"unredacted":true}` {
		t.Errorf("%q", lines)
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("%s", line)
		}
	}
}
