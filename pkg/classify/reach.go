package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/classify/suspects"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haconf"
)

// reach says which fixes cannot be of the crash; nil when nothing is known of what the process
// used.
func (f *facts) reach(q *suspects.Query) *suspects.Reach {
	s := f.setup
	config, build := f.misfits(s)
	if config != "" {
		s.Config = nil
	}
	if build != "" {
		s.Build = nil
	}
	features := ""
	if p := f.crash.Process; s.Build == nil && p != nil && len(p.Features) > 0 {
		b := haconf.BuildOf(f.version, p.Features)
		s.Build, features = &b, strings.Join(p.Features, " ")
	}
	shown := ""
	if p := f.crash.Process; p != nil && len(p.Uses)+len(p.Unused) > 0 {
		s.Shown = map[string]bool{}
		for _, name := range p.Uses {
			s.Shown[name] = true
		}
		for _, name := range p.Unused {
			s.Shown[name] = false
		}
		shown = strings.Join(p.Unused, " ")
	}
	if s.Build == nil && s.Config == nil && s.Shown == nil {
		return nil
	}
	if len(q.Versions) == 1 {
		s.Version = q.Versions[0]
	}
	return &suspects.Reach{
		Name: fmt.Sprintf("%t %t %s, %s", s.Config != nil, s.Build != nil, features, shown),
		Out: func(x *fixes.Fix) bool {
			if s.Build != nil && x.NotBuilt(s.Build) != "" {
				return true
			}
			said, ok := sentences.Of(x.Commit)
			if !ok {
				return false
			}
			use, _ := s.All(said.Needs)
			return use == haconf.NotUsed
		},
	}
}

// Misfits says why a configuration, or the output of haproxy -vv, is not that of the process
// that crashed; "" when nothing says so. Then nothing is concluded from it.
func Misfits(s haconf.Setup, c *crash.Crash) (config, build string) { return factsOf(c).misfits(s) }

// Evident are the features that a crash shows in use; bars stand between those of which it is
// one.
func Evident(c *crash.Crash) []string { return factsOf(c).evident() }

func (f *facts) misfits(s haconf.Setup) (config, build string) {
	if b := s.Build; b != nil && f.hasVersion && b.Version.Raw != "" && b.Version.String() != f.version.String() {
		build = fmt.Sprintf("it is of %s, and the crash of %s", b.Version.Raw, f.version.Raw)
	}
	if s.Config == nil {
		return "", build
	}
	if f.hasVersion {
		s.Version = f.version
	}
	if p := f.crash.Process; p != nil {
		for _, name := range p.Uses {
			if s.Uses(name).Use == haconf.NotUsed {
				return fmt.Sprintf("the process used %s, and the configuration does not", name), build
			}
		}
	}
	for _, need := range f.evident() {
		if s.Uses(need).Use == haconf.NotUsed {
			first, _, _ := strings.Cut(need, "|")
			return fmt.Sprintf("the crash shows %s in use, and the configuration does not use it", first), build
		}
	}
	return "", build
}

// evident knows them by the parts of HAProxy that the crash names, and by the files of the stack.
func (f *facts) evident() []string {
	var needs []string
	add := func(need string) {
		if need != "" && !slices.Contains(needs, need) {
			needs = append(needs, need)
		}
	}
	for _, label := range f.labels() {
		add(neededBy(label))
	}
	if t := f.crash.Faulty(); t != nil {
		for i := range t.Frames {
			if file := t.Frames[i].File; file != "" {
				add(sentences.Needs(file))
			}
		}
	}
	return needs
}

// neededBy is what is in use where a crash shows a part of HAProxy at work.
func neededBy(label string) string {
	switch label {
	case "mux-h2":
		return "h2|h2-server"
	case "mux-fcgi":
		return "fcgi"
	case "mux-quic", "quic":
		return "quic|quic-server"
	case "hlua":
		return "lua"
	case "spoe", "mux-spop":
		return "spop"
	case "trace":
		return "trace-filter"
	case "cache", "compression", "bwlim", "peers":
		return label
	}
	return ""
}
