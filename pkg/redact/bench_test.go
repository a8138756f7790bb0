package redact

import (
	"os"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// BenchmarkText reads the message of a real crash, which has no secret in it.
func BenchmarkText(b *testing.B) {
	text, err := os.ReadFile("../../testdata/logs/spin-cli-3.2-dev5.log")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		c := crash.Crash{Text: string(text)}
		Crash(&c, Options{})
	}
}
