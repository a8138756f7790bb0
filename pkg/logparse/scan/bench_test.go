package scan

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func BenchmarkFind(b *testing.B) {
	s := mustSet(b)
	d := bytes.Repeat([]byte(sample), 512<<10/len(sample))
	b.SetBytes(int64(len(d)))
	for b.Loop() {
		for at := 0; ; { // on past hits too, else a log with a hit would time its first bytes
			p, _ := s.Find(d, at)
			if p < 0 {
				break
			}
			at = p + 1
		}
	}
}

// BenchmarkLogs scans each *.log of the directory HACRASH_BENCH_DIR, as a file
// and through a pipe.
func BenchmarkLogs(b *testing.B) {
	dir := os.Getenv("HACRASH_BENCH_DIR")
	if dir == "" {
		b.Skip("HACRASH_BENCH_DIR is not set")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(names) == 0 {
		b.Fatalf("no *.log in %s: %v", dir, err)
	}
	s := mustSet(b)
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			b.Fatal(err)
		}
		for _, way := range []struct {
			name string
			run  func(yield func(*Window) bool) error
		}{
			{"file", func(y func(*Window) bool) error {
				return s.ScanAt(b.Context(), f, info.Size(), Options{}, y)
			}},
			{"pipe", func(y func(*Window) bool) error { return throughPipe(b.Context(), s, f, y) }},
		} {
			b.Run(filepath.Base(name)+"/"+way.name, func(b *testing.B) {
				b.SetBytes(info.Size())
				for b.Loop() {
					lines := 0
					if err := way.run(func(*Window) bool { lines++; return true }); err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(lines), "lines")
				}
			})
		}
	}
}

func throughPipe(ctx context.Context, s *Set, f *os.File, yield func(*Window) bool) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	go func() {
		defer w.Close()
		_, _ = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{f}, make([]byte, 128<<10))
	}()
	return s.ScanReader(ctx, r, Options{}, yield)
}
