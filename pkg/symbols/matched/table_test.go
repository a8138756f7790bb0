package matched

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/machine"
)

// madeReleases are three releases with functions that come, go and change.
func madeReleases() []Release {
	exported := Label{Exported: hashName("http_wait_for_request")}
	r := func(name, unit string, size uint8, f ...Feature) Record {
		slices.SortFunc(f, compareFeatures)
		return Record{Label: Label{Name: name, Unit: unit, Header: unit == ""}, Size: size, Pointed: size > 90, Features: f}
	}
	a := r("h1_process", "mux_h1", 90, Feature{Hash: 5, Weight: 200}, Feature{Kind: calls, Neighbour: exported, Weight: 100})
	b := r("h1_process", "mux_h1", 91, Feature{Hash: 5, Weight: 200}, Feature{Hash: 1 << 20, Weight: 30})
	c := r("task_destroy", "", 40, Feature{Kind: calledBy, Neighbour: a.Label, Weight: 90})
	return []Release{
		{Version: "3.0.0", Machine: machine.AMD64.ELF, Records: []Record{a, c}},
		{Version: "3.0.9-abcdef012", Machine: machine.AMD64.ELF, Records: []Record{b, c}},
		{Version: "3.0.0", Machine: machine.ARM64.ELF, Records: []Record{a}},
	}
}

func TestTableRoundTrip(t *testing.T) {
	want := madeReleases()
	table, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(table)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	again, err := Encode(got)
	if err != nil || !bytes.Equal(table, again) {
		t.Errorf("another table of what was read: %v", err)
	}
}

// TestEmbeddedTable: what the program carries is whole, small, and has every branch that it says.
func TestEmbeddedTable(t *testing.T) {
	const most = 700 << 10
	if len(embedded) > most {
		t.Errorf("%d bytes; want %d at most", len(embedded), most)
	}
	releases, err := Decode(embedded)
	if err != nil {
		t.Fatal(err)
	}
	branches := map[string]int{}
	for _, r := range releases {
		v, err := haproxy.ParseVersion(r.Version)
		if err != nil {
			t.Fatal(err)
		}
		if r.Machine == machine.AMD64.ELF {
			branches[v.Branch()]++
		}
		if len(r.Records) < 1000 {
			t.Errorf("%s: %d functions", r.Version, len(r.Records))
		}
	}
	for _, b := range []string{"2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "3.0", "3.1", "3.2", "3.3", "3.4"} {
		if branches[b] < 2 {
			t.Errorf("%s: %d releases", b, branches[b])
		}
	}
	again, err := Encode(releases)
	if err != nil || !bytes.Equal(again, embedded) {
		t.Errorf("the table is not what the generator writes of its own releases: %v", err)
	}
}

// TestDamagedTable: a table that somebody damaged is refused, or read as another one.
func TestDamagedTable(t *testing.T) {
	table, err := Encode(madeReleases())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(15, 15))
	refused := 0
	for range 3000 {
		b := slices.Clone(table)
		b[r.IntN(len(b))] = byte(r.Uint32())
		if _, err := Decode(b[:len(b)-r.IntN(3)]); err != nil {
			refused++
		}
	}
	if refused < 1000 {
		t.Errorf("%d of 3000 damaged tables refused", refused)
	}
}

func FuzzDecode(f *testing.F) {
	table, err := Encode(madeReleases())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(table)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		releases, err := Decode(b)
		if err != nil {
			return
		}
		for _, r := range releases {
			poolOf(b, r.Machine).branch(func(string) bool { return true })
		}
	})
}

// FuzzStreams reads the numbers of a pool as they are, which the packing keeps most damage from.
func FuzzStreams(f *testing.F) {
	var s streams
	s.pool(newPool(madeReleases()[:2]))
	f.Add(s.numbers, s.texts, s.hashes, s.weights)
	f.Fuzz(func(t *testing.T, numbers, texts, hashes, weights []byte) {
		p, err := readPool(numbers, texts, hashes, weights)
		if err != nil {
			return
		}
		if b := p.branch(func(string) bool { return true }); b != nil {
			for i := range b.own {
				b.name(int32(i))
			}
		}
		p.releases(machine.AMD64.ELF)
	})
}
