package report

import (
	"io"
	"strconv"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// BenchmarkStream prints one crash after the other, none like the one before.
func BenchmarkStream(b *testing.B) {
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			s, err := NewStream(io.Discard, format, Options{})
			if err != nil {
				b.Fatal(err)
			}
			r := spinCore()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c := r.Crashes[0]
				c.Fingerprint = strconv.Itoa(i)
				if err := s.Crash(&c); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Close(&crash.Report{}); err != nil {
				b.Fatal(err)
			}
		})
	}
}
