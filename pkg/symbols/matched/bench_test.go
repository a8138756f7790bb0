package matched

import (
	"os"
	"testing"

	"github.com/hacrash/hacrash/pkg/elffile"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// BenchmarkTwenty names 20 functions of Debian's HAProxy, as for a core of four threads.
func BenchmarkTwenty(b *testing.B) {
	const program = "/usr/sbin/haproxy"
	if _, err := os.Stat(program); err != nil {
		b.Skip("no haproxy to test with: install the package haproxy")
	}
	f, err := elffile.Open(program)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	all := New(f, unwind.NewTable(f, nil)).All()
	var twenty []uint64
	for i := range 20 {
		twenty = append(twenty, all[(i*131+7)%len(all)].Low)
	}
	for b.Loop() {
		New(f, unwind.NewTable(f, nil)).Expect(twenty)
	}
}
