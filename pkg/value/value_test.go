package value_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/dwarf"
	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/value"
)

// space opens the core of testdata/src/values.c.
func space(t testing.TB, v coretest.Variant, wide bool) *value.Space {
	t.Helper()
	c := coretest.Crash(t, coretest.Program{Source: "values", Variant: v})
	f, err := os.Open(c.Core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	core, err := elfcore.Open(f, info.Size(), elfcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	modules := module.New(context.Background(), core, module.Options{Executable: c.Exe})
	t.Cleanup(modules.Close)
	main := modules.Main()
	types := main.DWARF()
	if types == nil {
		t.Fatalf("%s has no debug data", c.Exe)
	}
	s := &value.Space{Memory: core, Types: types, Runtime: main.Runtime, Wide: wide}
	if !wide {
		entry, err := main.File().LoadAddress()
		if err != nil {
			t.Fatal(err)
		}
		for a := range uint64(1 << 16) {
			if s.Near = types.Unit(entry + a); s.Near != nil && s.Near.Near(dwarf.TagName, "shape") != nil {
				break
			}
		}
	}
	return s
}

// number is a value's number, or what is wrong with it.
func number(t testing.TB, v value.Value) int64 {
	t.Helper()
	n, err := v.Int()
	if err != nil {
		t.Errorf("%v", err)
	}
	return n
}

func TestValues(t *testing.T) {
	for _, v := range coretest.Variants() {
		switch v.Name {
		case "plain", "O0", "dwarf4", "dwarf4-O0", "zlib", "static", "no-pie":
		default:
			continue
		}
		t.Run(v.Name, func(t *testing.T) { checkValues(t, space(t, v, false)) })
		t.Run(v.Name+", whole program", func(t *testing.T) { checkValues(t, space(t, v, true)) })
	}
}

func checkValues(t *testing.T, s *value.Space) {
	shape := s.Global("shape")
	if p, err := s.Global("shown").Pointer(); err != nil || p != shape.Address() {
		t.Errorf("shown is %#x, %v; shape is at %#x", p, err, shape.Address())
	}
	for _, shape := range []value.Value{shape, shape.Load(), s.Global("shown").Deref(), s.At("shape", shape.Address())} {
		for want, v := range map[int64]value.Value{
			7: shape.Field("tag"), 5: shape.Field("low"), 99: shape.Field("middle"), -3: shape.Field("negative"),
			0x123456789a: shape.Field("wide"), 0x1111111122222222: shape.Field("whole"), 0x22222222: shape.Field("lower"),
			0x11111111: shape.Field("upper"), 20 - 3: shape.Field("table").Index(2).Index(3), -2: shape.Field("table").Index(0).Index(2),
			101: shape.Field("item").Deref().Field("number"), 31: shape.Field("some").Index(0).Field("number"), 32: shape.Field("some").Index(1).Field("number"),
			102: shape.Field("item").Index(1).Field("number"), 100: s.Global("items").Index(0).Field("number"),
		} {
			if n := number(t, v); n != want {
				t.Errorf("%d, want %d", n, want)
			}
		}
		if name, err := shape.Field("colour").Enum(); err != nil || name != "GREEN" {
			t.Errorf("colour %s, %v", name, err)
		}
		if text, err := shape.Field("text").Text(); err != nil || text != "some text" {
			t.Errorf("text %q, %v", text, err)
		}
		if text, err := shape.Field("some").Index(1).Field("name").Text(); err != nil || text != "no end!!" {
			t.Errorf("a text without an end: %q, %v", text, err)
		}
		for name, c := range map[string]struct {
			v    value.Value
			want error
		}{
			"no member":      {shape.Field("colours"), value.ErrNoField},
			"not a struct":   {shape.Field("tag", "low"), value.ErrType},
			"null":           {shape.Field("nothing").Deref(), value.ErrNull},
			"no such memory": {shape.Field("nowhere").Deref(), value.ErrUnavailable},
			"not a pointer":  {shape.Field("low").Deref(), value.ErrType},
			"beyond":         {shape.Field("table").Index(3), value.ErrNoField},
			"never defined":  {shape.Field("hidden").Deref().Field("x"), value.ErrNoField},
			"not a number":   {shape.Field("item").Deref().Field("link"), value.ErrType},
			"a float":        {shape.Field("real"), value.ErrType},
			"no variable":    {s.Global("shapes"), value.ErrNoField},
			"no type":        {s.At("shapes", shape.Address()), value.ErrType},
			"at null":        {s.At("shape", 0), value.ErrNull},
			"nothing at all": {value.Value{}, value.ErrUnavailable},
		} {
			if _, err := c.v.Uint(); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if _, err := shape.Field("nowhere").Text(); !errors.Is(err, value.ErrUnavailable) {
			t.Errorf("text nowhere: %v", err)
		}
	}
	if v := shape.First("hue", "colour"); !v.Exists() || shape.Has("hue") || !shape.Has("lower") {
		t.Errorf("colour by one of its names: %v", v.Err())
	}
}

func TestLists(t *testing.T) {
	s := space(t, coretest.Plain(), true)
	for _, c := range []struct {
		head   string
		want   []int64
		broken bool
	}{
		{"good", []int64{100, 101, 102}, false},
		{"empty", nil, false},
		{"torn", []int64{0}, true},
		{"changing", nil, true},
		{"turning", []int64{0}, true},
	} {
		var got []int64
		err := s.Global(c.head).List("item", "link", 100, func(v value.Value) bool {
			got = append(got, number(t, v.Field("number")))
			return true
		})
		var broken *value.Broken
		if !slices.Equal(got, c.want) || errors.As(err, &broken) != c.broken {
			t.Errorf("%s: %v, %v; want %v, broken %v", c.head, got, err, c.want, c.broken)
		}
	}
	for head, limit := range map[string]int{"good": 2, "turning": 1} {
		n := 0
		if err := s.Global(head).List("item", "link", limit, func(value.Value) bool { n++; return true }); err != nil || n != limit {
			t.Errorf("%s: %d elements, want %d: %v", head, n, limit, err)
		}
	}
	for _, err := range []error{
		s.Global("good").List("items", "link", 9, nil), s.Global("good").List("item", "links", 9, nil), s.Global("bad").List("item", "link", 9, nil),
	} {
		if err == nil {
			t.Error("a list of what is not there has no error")
		}
	}
}

func TestChain(t *testing.T) {
	s := space(t, coretest.Plain(), true)
	var got []int64
	walk := func(v value.Value) error {
		return v.Chain("following", 100, func(v value.Value) bool {
			got = append(got, number(t, v.Field("number")))
			return true
		})
	}
	if err := walk(s.Global("items").Index(0)); err != nil || !slices.Equal(got, []int64{100, 102, 101}) {
		t.Errorf("%v, %v", got, err)
	}
	last, _ := s.Global("turning").Field("next").Pointer()
	link, _ := s.Struct("item")
	f, _ := link.Field("link")
	var broken *value.Broken
	if err := walk(s.At("item", last-f.Offset)); !errors.As(err, &broken) {
		t.Errorf("a chain that comes back to itself: %v", err)
	}
}

func TestTrees(t *testing.T) {
	s := space(t, coretest.Plain(), true)
	for root, want := range map[string][]int64{"tree": {101, 102, 100}, "hollow": nil} {
		var got []int64
		err := s.Global(root).Tree("item", "node", 100, func(v value.Value) bool {
			got = append(got, number(t, v.Field("number")))
			return true
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", root, got, err, want)
		}
	}
	n := 0
	var broken *value.Broken
	if err := s.Global("stump").Tree("item", "node", 100, func(value.Value) bool { n++; return true }); !errors.As(err, &broken) || n != 1 {
		t.Errorf("a tree that goes in a circle: %d elements, %v", n, err)
	}
	n = 0
	if err := s.Global("tree").Tree("item", "node", 2, func(value.Value) bool { n++; return true }); err != nil || n != 2 {
		t.Errorf("%d elements, want 2: %v", n, err)
	}
}

// FuzzWalks gives the walks memory in which anything may stand.
func FuzzWalks(f *testing.F) {
	s := space(f, coretest.Plain(), true)
	f.Add([]byte{0}, uint64(0))
	f.Add([]byte("\x10\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"), uint64(16))
	f.Fuzz(func(t *testing.T, memory []byte, at uint64) {
		s.Memory = ring(memory)
		v := s.At("item", at)
		count := func(value.Value) bool { return true }
		v.Field("link").List("item", "link", 1000, count)
		v.Field("node").Tree("item", "node", 1000, count)
		v.Chain("following", 1000, count)
		v.Field("name").Text()
		s.At("shape", at).Load().Field("text").Text()
	})
}

// ring is a memory that has the same bytes everywhere.
type ring []byte

func (r ring) ReadMemory(b []byte, addr uint64) (int, error) {
	if len(r) == 0 {
		return 0, errors.New("nothing")
	}
	for i := range b {
		b[i] = r[(addr+uint64(i))%uint64(len(r))]
	}
	return len(b), nil
}
