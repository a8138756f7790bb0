package analyze

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/redact"
)

func annotated(t *testing.T, text string, o AnnotateOptions) (string, Annotation) {
	t.Helper()
	var b bytes.Buffer
	found, err := Annotate(t.Context(), &b, []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), found
}

// TestAnnotate: the lines without those that are added are the text.
func TestAnnotate(t *testing.T) {
	text, err := os.ReadFile("../../testdata/logs/spin-cli-3.2-dev5.log")
	if err != nil {
		t.Fatal(err)
	}
	out, found := annotated(t, string(text), AnnotateOptions{Format: "text"})
	var kept strings.Builder
	added := 0
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "  ## ") {
			added++
			continue
		}
		kept.WriteString(line)
	}
	if kept.String() != string(text) || added < 10 {
		t.Errorf("%d lines added; the rest is not the text", added)
	}
	if !found.Dumps || len(found.Versions) != 1 || !strings.HasPrefix(out, "  ## flags of HAProxy 3.2-dev5-37e84676c\n") {
		t.Errorf("%+v: %.60s", found, out)
	}
}

func TestAnnotateVersion(t *testing.T) {
	const dump = "             scf=0x55b337d07d50,EST,200 scb=0x55b337e94560,EST,1\n"
	v, err := haproxy.ParseVersion("2.8.0")
	if err != nil {
		t.Fatal(err)
	}
	said := func(version string) string { return "[NOTICE]   (26195) : haproxy version is " + version + "\n" }
	for _, tt := range []struct {
		text   string
		option haproxy.Version
		basis  string
		n      int
	}{
		{dump, haproxy.Version{}, "of no known version", 0},
		{dump, v, "of HAProxy 2.8.0\n", 0},
		{said("2.6.12") + dump, v, "of HAProxy 2.6.12", 1},
		{said("2.6.12") + said("2.6.12") + dump, v, "of HAProxy 2.6.12", 1},
		{said("2.6.12") + dump + said("2.8.3"), haproxy.Version{}, "of no known version", 2},
		{said("2.6.12") + dump + said("2.8.3"), v, "of HAProxy 2.8.0\n", 2},
	} {
		out, found := annotated(t, tt.text, AnnotateOptions{Version: tt.option, Format: "text"})
		if !strings.HasPrefix(out, "  ## flags "+tt.basis) || len(found.Versions) != tt.n || !found.Dumps {
			t.Errorf("%q: %+v\n%s", tt.text, found, out)
		}
	}
}

func TestAnnotateHides(t *testing.T) {
	const text = "GET /a?password=hunter22x HTTP/1.1\tz\x1b[31m\n"
	out, found := annotated(t, text, AnnotateOptions{Format: "text"})
	if strings.Contains(out, "hunter22x") || strings.Contains(out, "\x1b") || found.Dumps {
		t.Errorf("%+v\n%q", found, out)
	}
	out, _ = annotated(t, text, AnnotateOptions{Format: "text", Redact: redact.Options{Off: true}})
	if !strings.Contains(out, "hunter22x") || strings.Contains(out, "\x1b") || !strings.Contains(out, redact.Warning) {
		t.Errorf("%q", out)
	}
}

func TestAnnotateJSON(t *testing.T) {
	out, _ := annotated(t, "nothing\n             rqf=c48200 rqa=0 rpf=80048202 rpa=0\n", AnnotateOptions{Format: "json"})
	var doc struct {
		Schema string
		Lines  []struct {
			Line   int
			Values []struct{ Name, Type string }
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if doc.Schema != "hacrash.flags/1" || len(doc.Lines) != 1 || doc.Lines[0].Line != 2 || len(doc.Lines[0].Values) != 2 || doc.Lines[0].Values[0].Name != "rqf" {
		t.Errorf("%s", out)
	}
}
