package report

import (
	"fmt"
	"slices"
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
)

func verdict(v *crash.Verdict, l Level) *Verdict {
	if v == nil {
		return nil
	}
	out := &Verdict{Status: v.Status, Word: verdictWord(v.Status)}
	says, do, because := (*rows)(&out.Says), (*rows)(&out.Do), (*rows)(&out.Because)
	says.add("Why", sentence(v.Why))
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
			because.add("Because", reasons(m.Because))
			others(because, v.Matches[1:])
		}
	}
	if l != Brief {
		near(because, v.Near)
	}
	do.add("What to do", sentence(advice))
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

func reasons(list []string) string {
	var out []string
	for i, r := range list {
		if i == mostBecause {
			out = append(out, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		out = append(out, sentence(r))
	}
	return strings.Join(out, ", ")
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
		if subject := subjectOf(v, x.Commit); subject != "" {
			because = append(because, data(subject))
			t.Header[3] = "SUBJECT, BECAUSE"
		}
		if len(x.FixedIn) > 0 {
			because = append(because, "fixed in "+data(strings.Join(x.FixedIn, ", ")))
		}
		if len(x.Because) > 0 {
			because = append(because, sentence(strings.Join(x.Because, ", ")))
		}
		t.Rows = append(t.Rows, []Text{
			Text(commitShort(x.Commit)), Text(likely(x.Probability)), Text(statusShort(x.VersionStatus)), Text(strings.Join(because, "; ")),
		})
	}
	b.section(Section{Title: "Suspects", About: suspectsTitle(v.Suspects), Field: FieldCause}, table(t))
}
