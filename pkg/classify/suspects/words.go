package suspects

import "fmt"

// Because words the parts of a score that speak for a fix or against it, those of
// names first. What is less than a twentieth is left out.
func (s *Suspect) Because(w *Weights) []string {
	var out []string
	for p := Part(0); p < Parts; p++ {
		worth := w.Parts[p] * s.Value[p]
		if worth < 0.05 && worth > -0.05 {
			continue
		}
		name := ""
		if p.shared() {
			name = s.Name[p]
		}
		out = append(out, fmt.Sprintf("%+.1f %s", worth, p.words(name)))
	}
	if s.Few < -0.05 {
		out = append(out, fmt.Sprintf("%+.1f fits only some of the possible releases", s.Few))
	}
	return out
}

func (p Part) words(name string) string {
	switch p {
	case Changed:
		return name + " changed by the fix"
	case Called:
		return name + " called on changed lines"
	case Named:
		return name + " named by the fix"
	case Condition:
		return name + " of the condition"
	case File:
		return "file " + name
	case Near:
		return "file " + name + ", where such functions are repaired"
	case Label:
		return "subsystem " + name
	case Related:
		return "subsystem " + name + ", whose repairs touch such functions"
	case Other:
		return name + ", on another thread, changed by the fix"
	case SameKind:
		return "same kind of failure"
	case AnyCrash:
		return "ends a crash"
	case Major:
		return "major"
	case Minor:
		return "minor"
	case Leak:
		return "ends a leak only"
	case Soon:
		return "made soon after the release"
	case SoonDev:
		return "made soon after the build"
	case Cited:
		return "fixes a public report"
	case Fresh:
		return "the bug was new in it"
	}
	return ""
}
