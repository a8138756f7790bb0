package fixes_test

import (
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// What is true of all versions that a build may be of is true of it, and an estimate.
func TestAny(t *testing.T) {
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := x.Fix("89e20033c7") // of mux-h2, in 2.9-dev5 and 2.8.4
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		versions string
		want     crash.VersionStatus
		lacks    bool
	}{
		{"2.8.0 2.8.3", crash.Affected, true},
		{"2.8.3 2.8.4", crash.VersionCannotTell, true},
		{"2.8.4 2.8.9 3.0.0", crash.Fixed, false},
		{"1.9.3 2.8.3", crash.VersionCannotTell, true},
		{"1.9.3", crash.VersionCannotTell, true},
		{"", crash.VersionCannotTell, false},
	} {
		var list []haproxy.Version
		for s := range strings.FieldsSeq(tt.versions) {
			v, err := haproxy.ParseVersion(s)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, v)
		}
		a := x.JudgeAny(list)
		s := a.Standing(f)
		lacks, err := a.Lacks(x.After(f.Position))
		if s.Status != tt.want || lacks != tt.lacks || err != nil || s.Reason == "" {
			t.Errorf("%q: %+v, lacks %v, %v", tt.versions, s, lacks, err)
		}
		if told := s.Status != crash.VersionCannotTell; told != (s.Basis == fixes.BasisLines) || told != s.Estimated {
			t.Errorf("%q: basis %q, estimated %v", tt.versions, s.Basis, s.Estimated)
		}
		if unplaced := tt.versions == "" || tt.versions == "1.9.3"; unplaced != (a.Unplaced() != "") {
			t.Errorf("%q: %q", tt.versions, a.Unplaced())
		}
	}
}
