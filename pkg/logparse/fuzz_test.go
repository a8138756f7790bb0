package logparse

import (
	"context"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/envelope"
)

func newDecoder() *envelope.Decoder { return envelope.NewDecoder() }

// check holds what must be true of every part.
func check(t *testing.T, p *join.Part) {
	t.Helper()
	c := &p.Crash
	frames := 0
	for _, th := range c.Threads {
		frames += len(th.Frames)
		if len(th.Frames) > maxFrames && p.Role != join.Coredump {
			t.Fatalf("%d frames", len(th.Frames))
		}
		for _, f := range th.Frames {
			if f.Function != "" && f.Symbol != "" && !strings.Contains(f.Symbol, f.Function) {
				t.Fatalf("function %q of symbol %q", f.Function, f.Symbol)
			}
		}
	}
	if len(c.Text) > maxText || len(c.Threads) > maxThreads || len(c.Evidence) > maxEvidence+1 || p.Seq <= 0 {
		t.Fatalf("part out of bounds: %d bytes, %d threads, %d facts, line %d", len(c.Text), len(c.Threads), len(c.Evidence), p.Seq)
	}
	for _, e := range c.Evidence {
		if len(e.Text) > maxEvidenceLen {
			t.Fatalf("evidence of %d bytes", len(e.Text))
		}
	}
	if c.Stream != nil && len(c.Stream.Fields) > maxFields {
		t.Fatalf("%d fields", len(c.Stream.Fields))
	}
}

func FuzzHAProxyLines(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s)
	}
	for _, c := range reportCases(f) {
		f.Add(c.Lines)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts, err := Lines(context.Background(), text, "fuzz")
		if err != nil {
			t.Fatal(err)
		}
		if len(parts) > strings.Count(text, "\n")*4+16 {
			t.Fatalf("%d parts of %d bytes", len(parts), len(text))
		}
		for i := range parts {
			check(t, &parts[i])
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range samples(f) {
		f.Add([]byte(s), int64(-1))
	}
	f.Add([]byte("MESSAGE=A bogus \n"), int64(4))
	f.Fuzz(func(t *testing.T, data []byte, whole int64) {
		text := string(data)
		for _, in := range []Input{at(text, "x"), {Name: "x", Reader: strings.NewReader(text)}} {
			_, err := Parse(context.Background(), in, Options{Whole: whole % 4096, Workers: 1}, func(p join.Part) error {
				check(t, &p)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzDump(f *testing.F) {
	for _, name := range []string{"spin-g0", "spin-g3", "spin-g4", "panic-3.4"} {
		for line := range strings.SplitSeq(samples(f)[name], "\n") {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := newDump()
		d.fields(s)
		for line := range strings.SplitSeq(s, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				d.line(line)
			}
		}
		for _, x := range d.stream.Fields {
			if x.Name == "" || len(x.Value) > maxValue {
				t.Fatalf("field %+v", x)
			}
		}
		d.appletOf(0x55)
	})
}

func FuzzTrace(f *testing.F) {
	for _, s := range []string{
		"| 0x560bfe342060 [c6 04 25 01 00 00 00 00]: main-0x3e90",
		"| 0x635495d78448 <4c 89 ff e8 e8 95 fe ff]: hlua_process_task+0x302d8 > hlua_process_task+0x198c0",
		"|       0x5c0ffe <4c 89 ff -- -- -- -- --]: libc:clone+0x3f/0x5a", "| 0x559a8b0d", "| 0x1 [0f",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		fr, ok := traceFrame(s)
		if !ok {
			return
		}
		if fr.Address == 0 {
			t.Fatalf("%q: frame without an address", s)
		}
		// A function is trusted only with its size, or when it is exact.
		if fr.Function != "" && fr.Symbol != fr.Function && !strings.HasSuffix(fr.Symbol, "+0") && !strings.Contains(fr.Symbol, "/") && fr.Module == "" {
			t.Fatalf("%q: function %q", s, fr.Function)
		}
		frames := []crash.Frame{fr, fr}
		markSignal(frames)
	})
}
