package analyze

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/redact"
)

// answers keeps what it is given.
type answers struct {
	objects       []crash.Object
	broken, lines []string
}

func (a *answers) Object(o *crash.Object) error { a.objects = append(a.objects, *o); return nil }
func (a *answers) Broken(s string) error        { a.broken = append(a.broken, s); return nil }
func (a *answers) Line(s string) error          { a.lines = append(a.lines, s); return nil }

// valueOf is a field of an object, "" if it has none.
func valueOf(o *crash.Object, name string) string {
	for i := range o.Fields {
		if o.Fields[i].Short(o.Role) == name {
			return o.Fields[i].Value
		}
	}
	return ""
}

// asked asks a question about the core of testdata/src/objects.c.
func asked(t *testing.T, way string, q Query) (*answers, error) {
	t.Helper()
	c := coretest.Crash(t, coretest.Program{Source: "objects", Way: way, Variant: coretest.Plain()})
	var a answers
	o := Options{Names: []string{c.Core}, Version: "3.2.0", Modules: module.Options{Executable: c.Exe}}
	err := Ask(t.Context(), o, q, &a)
	return &a, err
}

// ids are the values of a field of all objects.
func (a *answers) ids(name string) string {
	var list []string
	for i := range a.objects {
		list = append(list, valueOf(&a.objects[i], name))
	}
	return strings.Join(list, " ")
}

func TestAskChooses(t *testing.T) {
	all, err := asked(t, "", Query{What: "streams"})
	if err != nil || len(all.objects) != 4 {
		t.Fatalf("%v, %d streams", err, len(all.objects))
	}
	ids := all.ids("id")
	for _, tt := range []struct {
		q    Query
		want int
	}{
		{Query{Applet: "CLI"}, 1},
		{Query{Applet: "<CLI>"}, 1},
		{Query{Frontend: "nowhere"}, 0},
		{Query{Flag: "SF_NO_SUCH"}, 0},
		{Query{Limit: 3}, 3},
		{Query{Limit: 100}, 4},
		{Query{Name: valueOf(&all.objects[0], "id")}, 1},
	} {
		tt.q.What = "streams"
		got, err := asked(t, "", tt.q)
		if err != nil || len(got.objects) != tt.want || !strings.Contains(" "+ids+" ", " "+got.ids("id")+" ") && tt.want > 0 {
			t.Errorf("%+v: %v, %s of %s, want %d", tt.q, err, got.ids("id"), ids, tt.want)
		}
	}
}

func TestAskNamesFlags(t *testing.T) {
	got, err := asked(t, "", Query{What: "threads"})
	if err != nil || len(got.objects) == 0 {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(got.objects[0].Fields, func(f crash.Field) bool { return slices.Contains(f.Flags, "TH_FL_IN_LOOP") }) {
		t.Errorf("%+v", got.objects[0])
	}
}

func TestAskTellsWhatIsBroken(t *testing.T) {
	got, err := asked(t, "broken", Query{What: "streams"})
	if err != nil || len(got.objects) != 3 || len(got.broken) != 1 || !strings.Contains(got.broken[0], "thread 2") {
		t.Errorf("%v, %d streams, %q", err, len(got.objects), got.broken)
	}
}

// Memory holds keys and what clients sent: of the words that make a request none is
// shown, and an address or a number is.
func TestAskMemoryHides(t *testing.T) {
	streams, err := asked(t, "", Query{What: "streams", Limit: 1})
	if err != nil || len(streams.objects) != 1 {
		t.Fatal(err)
	}
	whole, err := asked(t, "", Query{What: "stream", Arguments: []string{streams.objects[0].Address.String()}})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(whole.objects, func(o crash.Object) bool { return o.Role == "req" })
	if i < 0 {
		t.Fatalf("no channel in %+v", whole.objects)
	}
	at := valueOf(&whole.objects[i], "data")
	hidden, err := asked(t, "", Query{What: "memory", Arguments: []string{at, "16"}})
	if err != nil || len(hidden.lines) != 1 || strings.Contains(hidden.lines[0], "Auth") || strings.Contains(hidden.lines[0], " 41 75 ") {
		t.Errorf("%v: %q", err, hidden.lines)
	}
	shown, err := asked(t, "", Query{What: "memory", Arguments: []string{at, "16"}, Redact: redact.Options{Off: true}})
	if err != nil || len(shown.lines) != 1 || !strings.Contains(shown.lines[0], "|Authorization: B|") {
		t.Errorf("%v: %q", err, shown.lines)
	}
	object, err := asked(t, "", Query{What: "memory", Arguments: []string{streams.objects[0].Address.String(), "64"}})
	if err != nil || !strings.Contains(strings.Join(object.lines, "\n"), "00 00") {
		t.Errorf("no number of a structure is shown: %v: %q", err, object.lines)
	}
}

func TestAskWrongly(t *testing.T) {
	for _, q := range []Query{
		{What: "everything"},
		{What: "stream"},
		{What: "stream", Arguments: []string{"here"}},
		{What: "streams", Arguments: []string{"all"}},
		{What: "servers", Arguments: []string{"a", "b"}},
		{What: "memory", Arguments: []string{"0x10", "0"}},
		{What: "memory", Arguments: []string{"0x10", "1048577"}},
		{What: "tree"},
		{What: "counters", Arguments: []string{"all"}},
	} {
		if _, err := asked(t, "", q); !errors.As(err, new(QueryError)) {
			t.Errorf("%+v: %v, which is no fault of the question", q, err)
		}
	}
	if _, err := asked(t, "", Query{What: "stream", Arguments: []string{"0x10"}}); err == nil || errors.As(err, new(QueryError)) {
		t.Errorf("an address without a stream: %v", err)
	}
}

func TestObjectsOfPostMortem(t *testing.T) {
	uid := int64(99)
	c := crash.Crash{
		Counters: []crash.Counter{{Count: 3, Type: "GLT", File: "src/mux_h2.c", Line: 7}, {Count: 1}},
		PostMortem: &crash.PostMortem{
			By: "name", Platform: &crash.Platform{OS: "Linux"}, Run: &crash.Conditions{UID: &uid, Files: &crash.Limit{Soft: "10", Hard: "20"}},
			Components: []crash.Component{{Name: "OpenSSL", Version: "3.0"}}, Unavailable: []string{"the core ends before it"},
		},
	}
	counters := answers{objects: counterObjects(&c)}
	if got := counters.ids("place"); got != "src/mux_h2.c:7 " {
		t.Errorf("places %q", got)
	}
	pm := answers{objects: postMortemObjects(&c)}
	if len(pm.objects) != 5 || pm.ids("uid") != "  99  " || pm.ids("files") != "  10/20  " || pm.ids("version") != "   3.0 " {
		t.Errorf("%+v", pm.objects)
	}
	if last := pm.objects[4].Fields; len(last) != 1 || last[0].Unavailable != "the core ends before it" {
		t.Errorf("%+v", last)
	}
	if got := postMortemObjects(&crash.Crash{}); got != nil {
		t.Errorf("of nothing there is %+v", got)
	}
}
