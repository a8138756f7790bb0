package history

import (
	"regexp"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// kindWords are the words by which a message speaks of a way to fail, searched in
// lower case with line breaks made blanks.
func kindWords() map[string]string {
	return map[string]string{
		"crash":          `\bcrash(es|ed|ing)?\b`,
		"segfault":       `\bseg(mentation)?[- ]?fault|\bsegv\b|\bsigsegv\b`,
		"bug_on":         `\bbug_on|\babort_now|\bsigabrt\b|\babort\(\)|\bassert(ion)?s?\b|\bsigill\b`,
		"use_after_free": `\buse[- ]?after[- ]?free|\buaf\b|\bafter (it|they|being|having been|it has been|it was|they were) (was |were |been )?(freed|released)|\balready (been )?(freed|released)|\bfreed memory|\bdangling`,
		"double_free":    `\bdouble[- ]?free|\bfreed twice|\breleased twice|\bdouble[- ]release`,
		"null":           `\bnull[- ](pointer|deref|ptr)|\bderef\w*\b[^.]{0,40}\bnull\b|\bnull\b[^.]{0,30}\bderef`,
		"loop":           `\b(infinite|endless|infinitely|endlessly|busy|tight|never[- ]ending|wakeup|wake-up|cpu)[- ]loop|\bloop(s|ed|ing)? (forever|infinitely|endlessly|indefinitely|in loops)|\bspin(s|ning)?\b|\b100% ?(of )?(the )?cpu|\bin loops?\b|\bforever loop|\bloop(s|ing)\b`,
		"watchdog":       `\bwatchdog|\bwdt\b`,
		"deadlock":       `\bdead[- ]?lock|\blivelock|\bself[- ]lock`,
		"out_of_bounds":  `\bout[- ]of[- ]bounds?|\boob\b|\bover-?flow(s|ed|ing)?\b|\boverr[ua]n|\bover-?read|\bunder-?flow|\bpast the end|\bbeyond the end|\boff[- ]by[- ]one|\bover-?write`,
		"corruption":     `\bcorrupt`,
		"leak":           `\bleak`,
		"race":           `\brace\b|\braces\b|\bracy\b|\brace[- ]condition|\bdata race`,
		"freeze":         `\bfreez|\bfrozen\b|\bstuck\b|\bstall(s|ed|ing)?\b|\bhang(s|ing)?\b|\bhung\b|\bblocked (forever|indefinitely)`,
		"uninitialised":  `\bun-?initiali[sz]ed|\bnot (been )?initiali[sz]ed|\bnon[- ]initiali[sz]ed|\bmissing initiali[sz]ation`,
	}
}

type kindRule struct {
	kind string
	re   *regexp.Regexp
}

func kindRules() []kindRule {
	words := kindWords()
	var rules []kindRule
	for _, k := range fixes.AllKinds() {
		rules = append(rules, kindRule{k, regexp.MustCompile(words[k])})
	}
	return rules
}

// kindsOf are the kinds of failure that a message speaks of. The subjects of other
// commits that it cites say nothing about this one.
func kindsOf(rules []kindRule, message string) []string {
	text := strings.ToLower(strings.Join(strings.Fields(withoutQuotedSubjects(message)), " "))
	var kinds []string
	for _, r := range rules {
		if r.re.MatchString(text) {
			kinds = append(kinds, r.kind)
		}
	}
	return kinds
}
