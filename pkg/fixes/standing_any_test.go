package fixes_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
		each := make([]crash.VersionStatus, len(list))
		err := a.Each(x.After(f.Position), each)
		lacks := slices.ContainsFunc(each, func(s crash.VersionStatus) bool { return s == crash.Affected || s == crash.VersionCannotTell })
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

// What is asked of the ends of a branch alone is as if each version were asked.
func TestEach(t *testing.T) {
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	var list []haproxy.Version
	for _, tag := range x.Tags() {
		if v := tag.Version; v.CompareBranch(haproxy.Version{Major: 2, Minor: 6}) >= 0 && v.CompareBranch(haproxy.Version{Major: 3}) <= 0 {
			list = append(list, v)
		}
	}
	for patch := range 20 {
		list = append(list, version(t, "2.8."+strconv.Itoa(patch+1)), version(t, "3.0."+strconv.Itoa(patch+1)))
	}
	list = append(list, version(t, "1.9.4"))
	a := x.JudgeAny(list)
	each, other, pairs := make([]crash.VersionStatus, len(list)), 0, 0
	for n := 0; n < x.Count(); n += 29 {
		if err := a.Each(n, each); err != nil {
			t.Fatal(err)
		}
		f, err := x.Number(n)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range list {
			pairs++
			if s := x.Judge(v, time.Time{}).Standing(f).Status; s != each[i] {
				if other++; other < 10 {
					t.Logf("%s, %s: %s, alone %s", f.Commit[:10], v, each[i], s)
				}
			}
		}
	}
	// A fix that was taken back and made again comes and goes twice.
	if t.Logf("%d of %d pairs are other", other, pairs); other*1000 > pairs {
		t.Error("too many")
	}
}
