package logparse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
)

// traffic is about so many bytes of ordinary log lines.
func traffic(n int) string {
	lines := strings.SplitAfter(ordinary, "\n")
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(lines[i%len(lines)])
	}
	return b.String()
}

func parse(t testing.TB, in Input, o Options) ([]join.Part, Summary) {
	t.Helper()
	var parts []join.Part
	sum, err := Parse(t.Context(), in, o, func(p join.Part) error {
		parts = append(parts, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return parts, sum
}

func at(text, name string) Input {
	return Input{Name: name, At: strings.NewReader(text), Size: int64(len(text))}
}

// All that can be read may come with and without gates, and has to give the same.
func TestGates(t *testing.T) {
	all := samples(t)
	for _, c := range reportCases(t) {
		if !nameless[c.ID] {
			all["case-"+c.ID] = c.Lines
		}
	}
	before, after := traffic(100<<10), traffic(100<<10)
	for name, text := range all {
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		big := before + text + after
		want, _ := parse(t, at(big, name), Options{Whole: int64(len(big))})
		if len(want) == 0 {
			t.Errorf("%s: nothing found", name)
		}
		got, sum := parse(t, at(big, name), Options{Whole: -1})
		if !sum.Gated || sum.Lines > 3000 {
			t.Errorf("%s: %+v", name, sum)
		}
		if d := cmp.Diff(string(goldenForm(t, want)), string(goldenForm(t, got))); d != "" {
			t.Errorf("%s: gated differs: %s", name, d)
		}
		got, _ = parse(t, Input{Name: name, Reader: iotestReader{strings.NewReader(big)}}, Options{Whole: -1})
		if d := cmp.Diff(string(goldenForm(t, want)), string(goldenForm(t, got))); d != "" {
			t.Errorf("%s: gated stream differs: %s", name, d)
		}
	}
}

// iotestReader gives little at a time, as a pipe does.
type iotestReader struct{ r io.Reader }

func (r iotestReader) Read(b []byte) (int, error) { return r.r.Read(b[:min(len(b), 5000)]) }

// A log of several megabytes with all samples far apart.
func TestLargeLog(t *testing.T) {
	var b strings.Builder
	gap := traffic(300 << 10)
	total := 0
	for name, text := range samples(t) {
		b.WriteString(gap + text)
		if !strings.HasSuffix(text, "\n") {
			b.WriteString("\n")
		}
		parts, _ := parse(t, at(text, name), Options{})
		total += len(parts)
	}
	b.WriteString(gap)
	parts, sum := parse(t, at(b.String(), "log"), Options{})
	if len(parts) != total || !sum.Gated || sum.Parts != total {
		t.Errorf("%d parts of %d, %+v", len(parts), total, sum)
	}
	for i := 1; i < len(parts); i++ {
		if parts[i].Seq < parts[i-1].Seq {
			t.Errorf("part %d: line %d after line %d", i, parts[i].Seq, parts[i-1].Seq)
		}
	}
	stream, _ := parse(t, Input{Name: "log", Reader: strings.NewReader(b.String())}, Options{})
	if d := cmp.Diff(string(goldenForm(t, parts)), string(goldenForm(t, stream))); d != "" {
		t.Error(d)
	}
}

// Other processes' lines between those of a dump belong to the log, not to the dump.
func TestInterleaved(t *testing.T) {
	text := samples(t)["panic-2.0"]
	want, _ := parse(t, at(text, "x"), Options{})
	noise := strings.Split(traffic(64<<10), "\n")
	var b strings.Builder
	k := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		b.WriteString(line)
		for range 5 {
			b.WriteString(strings.Replace(noise[k%len(noise)], "haproxy[4242]", "haproxy[999]", 1) + "\n")
			k++
		}
	}
	got, _ := parse(t, at(traffic(64<<10)+b.String(), "x"), Options{Whole: -1})
	if len(got) != len(want) {
		t.Fatalf("%d parts, want %d", len(got), len(want))
	}
	for i := range got {
		if g, w := summary(&got[i]), summary(&want[i]); g != w || got[i].Crash.Text != want[i].Crash.Text {
			t.Errorf("%s\nwant\n%s", g, w)
		}
	}
}

// Two workers that die at the same time write between each other's lines.
func TestTwoDumpsAtOnce(t *testing.T) {
	a := strings.Split(strings.TrimSpace(samples(t)["panic-2.0"]), "\n")
	var b strings.Builder
	for _, line := range a {
		b.WriteString(line + "\n" + strings.ReplaceAll(line, "haproxy[42", "haproxy[77") + "\n")
	}
	parts, _ := parse(t, at(b.String(), "x"), Options{})
	heads := 0
	for i := range parts {
		if parts[i].Role == join.Head {
			heads++
			if n := len(parts[i].Crash.Threads); n != 2 {
				t.Errorf("%d threads, want 2", n)
			}
		}
	}
	if heads != 2 {
		t.Errorf("%d panics, want 2", heads)
	}
}

func TestJournalFormats(t *testing.T) {
	message := `FATAL: bug condition "a \"b\" c" matched at src/x.c:12`
	plain := strings.ReplaceAll(message, `\"`, `"`)
	var list []string
	for _, c := range []byte(plain) {
		list = append(list, fmt.Sprint(c))
	}
	filler := "__CURSOR=s=0\n__REALTIME_TIMESTAMP=1795374396000979\n_HOSTNAME=lb1\nSYSLOG_IDENTIFIER=nginx\n_PID=7\nMESSAGE=GET / 200\n\n"
	for name, text := range map[string]string{
		"json":   `{"__REALTIME_TIMESTAMP":"1795374396000979","_HOSTNAME":"lb1","SYSLOG_IDENTIFIER":"haproxy","_PID":"4242","MESSAGE":"` + strings.ReplaceAll(plain, `"`, `\"`) + `"}` + "\n",
		"bytes":  `{"__REALTIME_TIMESTAMP":"1795374396000979","_HOSTNAME":"lb1","SYSLOG_IDENTIFIER":"haproxy","_PID":"4242","MESSAGE":[` + strings.Join(list, ",") + `]}` + "\n",
		"export": strings.Repeat(filler, 400) + "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795374396000979\n_HOSTNAME=lb1\nSYSLOG_IDENTIFIER=haproxy\nMESSAGE=" + plain + "\n_PID=4242\n\n" + strings.Repeat(filler, 400),
		"docker": `{"log":"` + strings.ReplaceAll(plain, `"`, `\"`) + `\n","stream":"stderr","time":"2026-11-22T19:06:36.123456789Z"}` + "\n",
	} {
		for _, o := range []Options{{}, {Whole: -1}} {
			parts, _ := parse(t, at(text, name), o)
			if len(parts) != 1 || parts[0].Crash.Assertion == nil || parts[0].Crash.Assertion.Condition != `a "b" c` {
				t.Errorf("%s %+v: %+v", name, o, parts)
				continue
			}
			if name != "docker" && parts[0].Prefix != 4242 {
				t.Errorf("%s: prefix %d", name, parts[0].Prefix)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	text := samples(t)["master"]
	stop := errors.New("enough")
	n := 0
	_, err := Parse(t.Context(), at(text, "x"), Options{}, func(join.Part) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("%v after %d parts", err, n)
	}
	if _, err := Parse(t.Context(), Input{}, Options{}, nil); err == nil {
		t.Error("no input: want an error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	big := traffic(100 << 10)
	for _, o := range []Options{{}, {Whole: -1}} {
		if _, err := Parse(ctx, at(big, "x"), o, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v, want context canceled", o, err)
		}
	}
	broken := io.MultiReader(strings.NewReader(text), errReader{})
	for _, o := range []Options{{}, {Whole: -1}} {
		if _, err := Parse(t.Context(), Input{Reader: broken}, o, func(join.Part) error { return nil }); err == nil {
			t.Errorf("%+v: want the error of the reader", o)
		}
		broken = errReader{}
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestLiterals(t *testing.T) {
	if _, err := scan.NewSet(Literals(), []byte(ordinary)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, l := range Literals() {
		if seen[l] {
			t.Errorf("%q stands there twice", l)
		}
		seen[l] = true
		if bytes.Contains([]byte(ordinary), []byte(l)) {
			t.Errorf("%q is in ordinary lines", l)
		}
	}
}

func TestCaps(t *testing.T) {
	var b strings.Builder
	b.WriteString("Thread 1 is about to kill the process.\n*>Thread 1 : id=0x7f0 act=1\n call trace(1):\n")
	for range 2 * maxReportLines {
		b.WriteString("  | 0x55d2f1a3b060 [0f 0b 66 0f 1f 44 00 00]: foo+0x3e0/0x3f1\n")
	}
	parts, _ := parse(t, at(b.String(), "x"), Options{})
	if len(parts) == 0 || len(parts) > 4 || len(parts[0].Crash.Threads[0].Frames) != maxFrames || len(parts[0].Crash.Text) > maxText {
		t.Errorf("%d parts", len(parts))
	}

	b.Reset()
	for i := range 3 * maxStreams {
		fmt.Fprintf(&b, "Nov 22 19:06:36 lb1 haproxy[%d]: FATAL: bug condition \"x\" matched at src/a.c:1\n", 1000+i)
	}
	n, most := 0, 0
	p := newParser("x", func(join.Part) error { n++; return nil })
	p.stale = 1 << 40 // so that only the cap ends them
	r := &reader{ctx: t.Context(), dec: newDecoder(), p: p}
	for i, line := range bytes.Split([]byte(b.String()), newline) {
		// Nor is any line far from the last one that was part of something.
		r.markLine = int64(i)
		if err := r.line(line, 0, int64(i+1)); err != nil {
			t.Fatal(err)
		}
		most = max(most, len(p.streams), len(p.ready))
	}
	if err := r.finish(); err != nil || n != 3*maxStreams || most != maxStreams {
		t.Errorf("%v: %d parts, %d streams open", err, n, most)
	}
}
