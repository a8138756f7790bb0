package lines

import "testing"

// A stack of #1952: gdb's lines, of a build of late 2022 whose version nobody told.
func TestStackFitsReleases(t *testing.T) {
	e := Evidence{Frames: []Frame{
		{"resolv_process_responses", "src/resolvers.c", 2049, ""},
		{"dgram_fd_handler", "src/dgram.c", 25, "resolv_process_responses"},
		{"fd_update_events", "include/haproxy/fd.h", 409, "dgram_fd_handler"},
	}}
	c := e.Candidates()
	if c.String() != "2.4-dev19 to 2.4.7 or 2.5-dev0 to 2.5-dev2" || c.Used != 3 || c.Skipped != 0 {
		t.Errorf("%s; %+v", c.String(), c)
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		if _, err := open(shipped); err != nil {
			b.Fatal(err)
		}
	}
}

// The file that has changed most.
func BenchmarkFile(b *testing.B) {
	t := table()
	for b.Loop() {
		t.unpacked.Clear()
		if t.file(t.filesOf("src/mux_h2.c")[0]) == nil {
			b.Fatal("not there")
		}
	}
}

// What a stack costs when its files are unpacked.
func BenchmarkLookUp(b *testing.B) {
	list := readKnown(b, "stacks.txt")
	t := table()
	n := 0
	for b.Loop() {
		e := list[n%len(list)].evidence
		t.candidates(e, t.until(0))
		n++
	}
}
