package analyze

import (
	"testing"

	"github.com/hacrash/hacrash/pkg/debuginfod"
	"github.com/hacrash/hacrash/pkg/source"
)

func TestMeterLine(t *testing.T) {
	var none *Meter
	none.Fetch(debuginfod.Progress{}) // nobody looks
	var m Meter
	says := func(want string) {
		t.Helper()
		if got := m.Line(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	says("")
	m.start(&source.Input{Name: "core.1234", Length: 40 << 20})
	m.done.Store(12 << 20)
	says("core.1234: 12 of 40 MB")
	m.done.Store(50 << 20) // the file grows
	says("core.1234: 40 of 40 MB")
	p := debuginfod.Progress{Kind: "debuginfo", BuildID: "0123456789abcdef0123", Server: "http://a", Got: 3 << 20, Size: -1}
	m.Fetch(p)
	says("debuginfo of 0123456789abcdef from http://a: 3 MB")
	p.Done = true
	m.Fetch(p)
	says("core.1234: 40 of 40 MB")
	m.stop()
	m.start(&source.Input{Name: "-"})
	m.done.Store(2 << 20)
	says("-: 2 MB")
	m.stop()
	says("")
}

func TestNothing(t *testing.T) {
	other := func(input, what string) Other { o := Other{Input: input}; o.What = what; return o }
	for _, tt := range []struct {
		res  Result
		want []string
	}{
		{Result{}, []string{"no crash of HAProxy found in the input"}},
		{Result{Crashes: 1}, nil},
		{Result{Failed: []error{nil}}, nil},
		{Result{Crashes: 1, Foreign: 1}, []string{"no crash of HAProxy found in the input"}},
		{Result{Others: []Other{other("a", "nginx died"), other("a", "again"), other("b", "a hang")}}, []string{
			"a: line 0: nginx died; no crash of HAProxy found", "b: line 0: a hang; no crash of HAProxy found",
		}},
	} {
		got := tt.res.Nothing()
		if len(got) != len(tt.want) {
			t.Errorf("%+v: %v", tt.res, got)
			continue
		}
		for i, want := range tt.want {
			if got[i].Error() != want {
				t.Errorf("%v, want %s", got[i], want)
			}
		}
	}
}
