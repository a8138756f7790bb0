package history

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
)

var (
	reBackport = regexp.MustCompile(`back-?port|\bmerged (in|into|to)\b|\bfor (all )?stable\b|\bmust be (applied|fixed|done|picked|taken) (to|in)\b|\bshould (probably )?go (in)?to\b|\bapplied to\b|\bto (all )?stable\b`)
	reNone     = regexp.MustCompile(`\bno (need|backport|reason)[^.]{0,60}\b(to |for |of |a |any )*(back-?port|needed|necessary|required)|\bno back-?port(ing)?\b|\bno need (to|for)( \w+){0,2} back-?port|\b(does|do|must|should|need|needs|is|are|can)(n't| not|not| never)( \w+){0,3} (need )?(to )?(be )?back-?port|\bnot (to )?(be )?(need|needed|necessary|required|worth|subject)?( \w+){0,2} ?back-?port|\bback-?port(ing|s)? (is |are )?(not|un)[ -]?(be )?(needed|required|necessary)|\bback-?port(s)? (needed|required): no\b|\bwithout back-?port|\bnothing to back-?port|\bback-?port(ing)?( to [\w. ]+)? is(n't| not) (needed|necessary|required)|\bnot back-?port(ed|able)?\b|\b(isn't|not) (to be )?back-?ported\b|\bunneeded\b`)
	reAll      = regexp.MustCompile(`\b(all|every|any|each)( the| of the)?( still)?[ -]?(stable|supported|maintained|affected|active|live|released|current|older|recent|available|known|haproxy)?[ -]?(stable|supported|maintained)?[ -]?(versions?|branch(es)?|releases?|trees?|stables?)\b|\bwherever\b|\beverywhere\b|\bas far as possible\b|\bas far as it (can|applies|makes)|\bto all\b|\ball stable\b|\ball (maintained|supported)\b`)
	reBranch   = regexp.MustCompile(`(^|[^\w.])v?([1-9]\.\d{1,2})(\.x\b)?`)
	reForeign  = regexp.MustCompile(`(tls|http|http/|ssl|openssl|tlsv|lua|gcc|clang|libressl|wolfssl|aws-lc|quic|kernel|linux|glibc|pcre|spop|version of|libslz|slz|section|rfc ?\d*|§|python|protocol|wurfl)[ /v-]*$`)
	reSameAs   = regexp.MustCompile(`\bback-?ported? (\w+ ){0,4}?(wherever|where|everywhere|anywhere|if|along|with|together|when|once|as long as|in the same|to the same|after|before|unless|until|only if|just like|like)\b|\bif\b[^.]{0,80}\bback-?ported\b|\bunless\b[^.]{0,80}\bback-?ported\b|\b(where|wherever|everywhere|when|once|in case|provided) [^.]{0,80}\b(back-?ported|backport)\b|\bsame (versions?|branches|releases)\b|\bunless\b|\bwith (it|them|that)\b|\bas (the )?(previous|above)`)
	rePrevious = regexp.MustCompile(`\b(previous|preceding|prior|parent) (commit|patch|fix|change|one)\b`)
	reAfterDev = regexp.MustCompile(`^-?(dev|rc)\d*`)
)

// clauseOf reads what a message asks for the maintained branches. Its sentences
// are looked at in order, those that speak of backports only, and the first that
// bounds the branches decides; a sentence that asks for a backport without saying
// where is kept for the case that no other does. same is the commit that the
// sentence cites, or previous() for the commit before.
func clauseOf(body string, resolve func(hash, subject string) string, previous string) fixes.Clause {
	list := sentences(body)
	clause := fixes.Clause{Named: namedBranches(list)}
	var asked, same bool
	var cited string
	for i, s := range list {
		text := withoutQuotedSubjects(s.lower)
		at := reBackport.FindStringIndex(text)
		if at == nil {
			if c := firstCited(s, resolve); c != "" {
				cited = c
			}
			continue
		}
		c := firstCited(s, resolve)
		if c == "" {
			c = cited // "it must be backported with the commit above"
		}
		isSame := reSameAs.MatchString(text)
		if none := reNone.MatchString(text); none {
			if isSame && strings.Contains(text, "unless") || isSame && regexp.MustCompile(`\bexcept\b|\bonly if\b`).MatchString(text) {
				same = true
				clause.Same = c
				continue
			}
			clause.Kind = fixes.None
			return clause
		}
		if floor := lowest(text, at[0]); floor != "" {
			clause.Kind, clause.Floor = fixes.Floor, floor
			return clause
		}
		// "Must be backported. As far as 2.4." or "(2.4 and above)" in the next one.
		if i+1 < len(list) && !isSame && strings.HasPrefix(list[i+1].lower, "as far as") {
			if floor := lowest(list[i+1].lower, 0); floor != "" {
				clause.Kind, clause.Floor = fixes.Floor, floor
				return clause
			}
		}
		if reAll.MatchString(text[at[0]:]) && !(isSame && c != "" && strings.Contains(text, "wherever")) {
			clause.Kind = fixes.All
			return clause
		}
		if isSame {
			same = true
			if clause.Same == "" {
				clause.Same = c
			}
			if clause.Same == "" && rePrevious.MatchString(text) {
				clause.Same = previous
			}
			continue
		}
		asked = true
	}
	switch {
	case same:
		clause.Kind = fixes.SameAs
	case asked:
		clause.Kind = fixes.Asked
	}
	if clause.Kind != fixes.SameAs {
		clause.Same = ""
	}
	return clause
}

// firstCited is the first commit that a sentence cites and that is on master.
func firstCited(s sentence, resolve func(hash, subject string) string) string {
	for _, h := range reHash.FindAllString(s.lower, -1) {
		if !likeHash(h) {
			continue
		}
		if c := resolve(h, subjectBehind(s.text, h)); c != "" {
			return c
		}
	}
	return ""
}

// lowest is the lowest branch that a text names behind position at, or before it
// when there is none behind: "(2.4 and later need the backport)".
func lowest(text string, at int) string {
	if b := branchesIn(text[at:]); len(b) > 0 {
		return b[0]
	}
	if b := branchesIn(text[:at]); len(b) > 0 && !reBroughtIn.MatchString(text[:at]) {
		return b[0]
	}
	return ""
}

var reBroughtIn = regexp.MustCompile(`\b(introduc|appear|since|came|added|born|start|exist|present|arriv|merged)`)

func namedBranches(list []sentence) []string {
	found := map[string]bool{}
	for _, s := range list {
		for _, b := range branchesIn(withoutQuotedSubjects(s.lower)) {
			found[b] = true
		}
	}
	var names []string
	for b := range found {
		names = append(names, b)
	}
	sortBranches(names)
	return names
}

// branchesIn are the branches of HAProxy that a text names, lowest first. "2.4-dev3"
// and "2.4.1" name a release, "TLS 1.3" and "HTTP/1.1" are others' numbers.
func branchesIn(text string) []string {
	var names []string
	for _, m := range reBranch.FindAllStringSubmatchIndex(text, -1) {
		name, rest := text[m[4]:m[5]], text[m[5]:]
		if m[6] < 0 && (len(rest) > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9' || reAfterDev.MatchString(rest) || strings.HasPrefix(rest, "%")) {
			continue
		}
		if len(rest) > 0 && isWord(rest[0]) || reForeign.MatchString(text[:m[4]]) || !isBranch(name) {
			continue
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	sortBranches(names)
	return names
}

// isBranch knows which branches there can be: 1.0 to 1.9, 2.0 to 2.9, and three
// onwards. Even branches only from 2.0 on are maintained for long, but all are.
func isBranch(s string) bool {
	major, minor, _ := strings.Cut(s, ".")
	m, _ := strconv.Atoi(major)
	n, _ := strconv.Atoi(minor)
	return m >= 1 && m <= 9 && n <= 9 && (len(minor) == 1) && (m > 1 || n >= 3)
}

func sortBranches(names []string) {
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] }) // one digit each
}
