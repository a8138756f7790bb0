package logparse

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/join"
	"github.com/hacrash/hacrash/pkg/logparse/scan"
)

func BenchmarkLiterals(b *testing.B) {
	for b.Loop() {
		if _, err := scan.NewSet(Literals(), []byte(ordinary)); err != nil {
			b.Fatal(err)
		}
	}
}

// A log without a crash.
func BenchmarkGated(b *testing.B) {
	text := traffic(64 << 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		benchParse(b, text, Options{Whole: -1})
	}
}

// The same, every line taken out of its envelope.
func BenchmarkWhole(b *testing.B) {
	text := traffic(4 << 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		benchParse(b, text, Options{})
	}
}

// Nothing but crashes.
func BenchmarkDense(b *testing.B) {
	text := strings.Repeat(samples(b)["panic-2.0"]+samples(b)["spin-g3"], 2000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		benchParse(b, text, Options{Whole: -1})
	}
}

// Nothing but text that only looks like crashes.
func BenchmarkForged(b *testing.B) {
	var t strings.Builder
	for t.Len() < 16<<20 {
		for _, kind := range [...]string{"spin g0", "panic", "bug", "exit", "kernel", "pool"} {
			t.WriteString(carry("http log header", crashTexts[kind]) + "\n")
		}
	}
	b.SetBytes(int64(t.Len()))
	for b.Loop() {
		benchParse(b, t.String(), Options{})
	}
}

func benchParse(b *testing.B, text string, o Options) {
	if _, err := Parse(b.Context(), at(text, "x"), o, func(join.Part) error { return nil }); err != nil {
		b.Fatal(err)
	}
}
