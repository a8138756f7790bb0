package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// rows collects labels with their values.
type rows []Row

// add adds a value that may hold marks; an empty one is not known.
func (r *rows) add(label, value string) {
	if value != "" {
		*r = append(*r, Row{label, Text(value)})
	}
}

// addData adds a value of an input.
func (r *rows) addData(label, value string) {
	if value != "" {
		r.add(label, data(value))
	}
}

// fixedIn is the label of the releases that have a fix.
const fixedIn = "Fixed in"

// How much of a verdict is shown; JSON has all.
const (
	mostBecause  = 8
	mostOthers   = 3
	mostSuspects = 5
	mostReasons  = 3 // of a suspect, in words
)

func verdict(v *crash.Verdict, o *Options) *Verdict {
	if v == nil {
		return nil
	}
	l := o.Level
	out := &Verdict{Status: v.Status, Word: verdictWord(v.Status), Why: Text(sentence(v.Why)), Next: steps(v.Next, l)}
	says, do, because := (*rows)(&out.Says), (*rows)(&out.Do), (*rows)(&out.Because)
	advice := v.Advice
	if len(v.Matches) > 0 {
		m := &v.Matches[0]
		out.ID, out.Title = dataText(m.ID), Text(sentence(m.Title))
		known(says, v, m)
		do.addData(fixedIn, strings.Join(m.FixedIn, ", "))
		if m.Advice != "" {
			advice = m.Advice
		}
		if l != Brief {
			because.add("Because", reasons(m.Because, o.scores, mostBecause))
			others(because, v.Matches[1:])
		}
	}
	if l != Brief {
		near(because, v.Near)
	}
	if len(v.Next) == 0 {
		do.add("What to do", sentence(advice))
	}
	return out
}

// steps are those of a verdict, each with its reason unless the report is brief.
func steps(list []crash.Step, l Level) []Step {
	var out []Step
	for _, s := range list {
		text := stop(sentence(capital(s.Do)), s.Do)
		if s.Why != "" && l != Brief {
			text += " " + stop(sentence(capital(s.Why)), s.Why)
		}
		out = append(out, Step{Text(text), s.Command})
	}
	return out
}

// known is what is known of the bug that fits.
func known(says *rows, v *crash.Verdict, m *crash.Match) {
	for _, n := range m.Issues {
		says.add("Issue", issueURL(n))
	}
	says.addData("CVE", strings.Join(m.CVEs, ", "))
	var fix []string
	for _, part := range []struct {
		word   string
		hashes []string
	}{{"", m.Fixes}, {"exposed by ", m.ExposedBy}, {"introduced by ", m.IntroducedBy}} {
		if len(part.hashes) > 0 {
			fix = append(fix, part.word+commits(part.hashes))
		}
	}
	says.add("Fix", strings.Join(fix, "; "))
	for _, c := range slices.Concat(m.Fixes, m.ExposedBy, m.IntroducedBy) {
		if subject := subjectOf(v, c); subject != "" {
			says.add("Commit", commitShort(c)+" "+data(subject))
		}
	}
	says.add("This version", versionSentence(m.VersionStatus, m.Basis, sentence))
}

// stop puts a full stop behind a sentence, unless it ends with an address to be copied.
func stop(marked, text string) string {
	if last := text[strings.LastIndexByte(text, ' ')+1:]; text == "" || strings.Contains(last, "://") || strings.ContainsAny(text[len(text)-1:], ".?!") {
		return marked
	}
	return marked + "."
}

// reasons are what speaks for a bug: with its points, or in words.
func reasons(list []string, scores bool, most int) string {
	if !scores {
		list = inWords(list, most)
	}
	var out []string
	for i, r := range list {
		if i == most {
			out = append(out, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		out = append(out, sentence(r))
	}
	return strings.Join(out, ", ")
}

// inWords leaves the points of reasons out, and those that speak against it. Of too many those
// that count most are left.
func inWords(list []string, most int) []string {
	type reason struct {
		points float64
		text   string
	}
	var all []reason
	for _, r := range list {
		points, text, ok := strings.Cut(r, " ")
		n, err := strconv.ParseFloat(points, 64)
		if !ok || err != nil || points[0] != '+' && points[0] != '-' {
			n, text = 0, r
		}
		// How the version stands to the bug is said apart.
		if n >= 0 && !strings.Contains(text, " lacks the fix (first in ") {
			all = append(all, reason{n, text})
		}
	}
	if len(all) > most {
		slices.SortStableFunc(all, func(a, b reason) int { return cmp.Compare(b.points, a.points) })
		all = all[:most]
	}
	var out []string
	for _, r := range all {
		out = append(out, r.text)
	}
	return out
}

// others are the bugs that fit less well.
func others(because *rows, list []crash.Match) {
	for i := range list {
		if i == mostOthers {
			because.add("Fits too", fmt.Sprintf("%d more", len(list)-i))
			break
		}
		m := &list[i]
		s := data(m.ID)
		if m.Title != "" {
			s += ": " + sentence(m.Title)
		}
		for _, n := range m.Issues {
			s += " " + issueURL(n)
		}
		because.add("Fits too", s)
	}
}

// near are the bugs that would fit if the input told more.
func near(because *rows, list []crash.Match) {
	for i := range list[:min(len(list), mostOthers)] {
		m := &list[i]
		because.add("Would fit", fmt.Sprintf("%s: %s; the input does not tell its %s", data(m.ID), sentence(m.Title), data(factWords(m.Lacks))))
	}
}

// factWords are facts of a signature in words.
func factWords(keys []string) string {
	list := slices.Clone(keys)
	for i, k := range list {
		if list[i] = strings.ReplaceAll(k, "_", " "); k == "top" {
			list[i] = "innermost function"
		}
	}
	return strings.Join(list, " or ")
}

// likely is a probability in words of a table.
func likely(p float64) string {
	if p < 0.01 {
		return "< 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*p)
}

// suspects are the fixes that the history suggests.
func (b *builder) suspects() {
	v := b.c.Verdict
	if v == nil || len(v.Suspects) == 0 {
		return
	}
	list := v.Suspects
	t := Table{Header: []string{"COMMIT", "LIKELY", "VERSION", "BECAUSE"}}
	if n := len(list) - mostSuspects; n > 0 {
		list, t.More = list[:mostSuspects], plural(n, "more fix")+inJSON
	}
	for i := range list {
		x := &list[i]
		var because []string
		if x.Sentence != "" {
			because = append(because, sentence(strings.TrimSuffix(x.Sentence, ".")))
		}
		if subject := subjectOf(v, x.Commit); subject != "" {
			because = append(because, data(subject))
			t.Header[3] = "SUBJECT, BECAUSE"
		}
		if len(x.FixedIn) > 0 {
			because = append(because, "fixed in "+data(strings.Join(x.FixedIn, ", ")))
		}
		if len(x.Because) > 0 {
			because = append(because, reasons(x.Because, b.o.scores, mostReasons))
		}
		t.Rows = append(t.Rows, []Text{
			Text(commitShort(x.Commit)), Text(likely(x.Probability)), Text(statusShort(x.VersionStatus)), Text(strings.Join(because, "; ")),
		})
	}
	b.section(Section{Title: "Suspects", About: suspectsTitle(v.Suspects) + leftOut(v.SuspectsLeftOut), Field: FieldCause}, table(t))
}

// leftOut says how many fixes are no suspects for what is not in use.
func leftOut(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d more need what is not in use here", n)
}
