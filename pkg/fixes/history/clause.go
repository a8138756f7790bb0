package history

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

var (
	reBackport = lex.Pattern(`back-?por|\bbacport|\bmerged (in|into|to)\b|\bfor (all )?stable\b|\bmust be (applied|fixed|done|picked|taken) (to|in)\b|\bshould (probably )?go (in)?to\b|\bapplied to\b|\bto (all )?stable\b`)
	reNone     = lex.Pattern(`\bno (need|backport|reason)[^.]{0,60}\b(to |for |of |a |any )*(back-?port|needed|necessary|required)|\bno back-?port(ing|s)?\b|\bno need (to|for)( \w+){0,2} back-?port|\b(does|do|must|should|need|needs|is|are)(n't| not|not| never)( \w+){0,3} (need )?(to )?(be )?back-?port|\bnot (to )?(be )?(need|needed|necessary|required|worth|subject)?( \w+){0,2} ?back-?port|\bback-?port(ing|s)? (is |are )?(not|un)[ -]?(be )?(needed|required|necessary)|\bwithout back-?port|\bnothing to back-?port|\bback-?port(ing)?( to [\w. ]+)? is(n't| not) (needed|necessary|required)|\bnot back-?port(ed|able)?\b|\b(isn't|not) (to be )?back-?ported\b`)
	// What looks like a no and is none: "better not backport it too far (2.6)",
	// "so that we don't forget to backport it", "cannot be backported as is".
	reNoNone = lex.Pattern(`\btoo far\b|\bbeyond\b|\bfurther\b|\b(past|before|below|older than) [1-9]\.\d\b|\bforget\b|\bas[- ]is\b`)
	reAll    = lex.Pattern(`\b(all|every|any|each)( the| of the)?( still)?( previous)?[ -]?(stable|supported|maintained|affected|active|live|released|current|older|recent|available|known|haproxy)?[ -]?(stable|supported|maintained)?[ -]?(versions?|branch(es)?|releases?|trees?|series|stables?)\b|\bwherever (it|this|they|possible|relevant|applicable)\b|\bwhere it applies\b|\beverywhere\b|\bas far as (possible|it (can|applies|makes))|\bto all\b|\bto (the )?stable (versions?|branch(es)?|releases?|trees?|series)\b|\b(lower|older) (branches|versions|releases)\b`)
	reBranch = lex.Pattern(`(^|[^\w.])v?([1-9]\.\d{1,2})(\.x\b)?`)
	// In front of a number: it is somebody else's.
	reForeign = lex.Pattern(`(tls|http|http/|ssl|openssl|tlsv|lua|gcc|clang|libressl|wolfssl|aws-lc|quic|kernel|linux|glibc|pcre|spop|libslz|slz|section|rfc ?\d*|python|protocol|wurfl)[ /v-]*$|[<>=]=? ?$`)
	reSameAs  = lex.Pattern(`\bback-?ported? (\w+ ){0,4}?(wherever|where|everywhere|anywhere|if|along|with|together|when|once|as long as|in the same|to the same|after|before|unless|until|only if|just like|like)\b|\bif\b[^.]{0,80}\bback-?ported\b|\b(where|wherever|everywhere|when|once|in case|provided) [^.]{0,80}\b(back-?ported|backport)\b|\bsame (versions?|branches|releases)\b|\bunless\b|\bexcept (if|when)\b|\bwith (it|them|that)\b|\bas (the )?(previous|above)`)
	// A condition that only a reader can decide.
	reMayBe     = lex.Pattern(`\bif (it is |it's |that is |this is |considered |deemed |ever )?(needed|necessary|possible|desired|wanted|required|relevant|useful|applicable|it applies)\b`)
	reUnless    = lex.Pattern(`\b(unless|except|only if|only be|only when)\b`)
	rePrevious  = lex.Pattern(`\b(previous|preceding|prior|parent) (commit|patch|fix|change|one)\b`)
	reCondition = lex.Pattern(`\b(if|unless|when|once|except)\b`)
	reThat      = lex.Pattern(`\b(to|as far as|until|up to|down to) (this|that) (version|release|branch)\b`)
	reRelease   = lex.Pattern(`\b(?:to|as far as|until|since) v?([1-9]\.\d)\.\d`)
	reAfterDev  = lex.Pattern(`^-?(dev|rc)\d*`)
	reBroughtIn = lex.Pattern(`\b(introduc|appear|since|came|added|born|start|exist|present|arriv|merged)`)
)

// clauses reads what messages ask for the maintained branches.
type clauses struct {
	// resolve gives the ten digits of a commit of master, "" if it has none such.
	resolve func(hash, subject string) string
	// newest is the newest branch that there is: higher numbers mean other things.
	newest string
}

// of reads a message. Its sentences are looked at in order, those that speak of
// backports only, and the first that bounds the branches decides; one that asks for
// a backport without saying where is kept for the case that no other does. previous
// is the commit before this one.
func (c clauses) of(body, previous string) fixes.Clause {
	list := sentences(body)
	r := reading{clauses: c, clause: fixes.Clause{Named: c.named(list)}, previous: previous}
	for i := range list {
		if r.sentence(list, i) {
			return r.clause
		}
	}
	switch {
	case r.same:
		r.clause.Kind = fixes.SameAs
	case r.asked:
		r.clause.Kind = fixes.Asked
	}
	return r.clause
}

// reading is a message under reading.
type reading struct {
	clauses
	clause      fixes.Clause
	previous    string
	asked, same bool
	cited       string // last commit that a sentence named: "the commit above"
}

// sentence reads one of a message's sentences, and says whether it decides.
func (r *reading) sentence(list []sentence, i int) bool {
	text := list[i].lower
	here := r.firstCited(list[i])
	at := reBackport().FindStringIndex(text)
	here = cmp.Or(here, r.cited)
	if at == nil {
		r.cited = here
		return false
	}
	conditional := reSameAs().MatchString(text) && !reMayBe().MatchString(text)
	if reNone().MatchString(text) && !reNoNone().MatchString(text) {
		if !conditional || !reUnless().MatchString(text) {
			r.clause.Kind = fixes.None
			return true
		}
		r.same, r.clause.Same = true, here
		return false
	}
	floor := r.lowest(text, at[0])
	// "Must be backported where X was. (as far as 2.4)"
	if i+1 < len(list) && floor == "" && strings.HasPrefix(strings.TrimLeft(list[i+1].lower, "("), "as far as") {
		floor = r.lowest(list[i+1].lower, 0)
	}
	if floor != "" {
		r.clause.Kind, r.clause.Floor = fixes.Floor, floor
		return true
	}
	if reAll().MatchString(text[at[0]:]) {
		r.clause.Kind = fixes.All
		return true
	}
	if conditional && here == "" && rePrevious().MatchString(text) {
		here = r.previous
	}
	if !conditional || here == "" && !reCondition().MatchString(text) {
		r.asked = true
		return false
	}
	r.same = true
	if r.clause.Same == "" {
		r.clause.Same = here
	}
	return false
}

// firstCited is the first commit that a sentence cites and that is on master.
func (c clauses) firstCited(s sentence) string {
	for _, h := range hashesIn(s.text) {
		if found := c.resolve(h.hash, h.subject); found != "" {
			return found
		}
	}
	return ""
}

// lowest is the lowest branch that a text names behind position at, or before it
// when there is none behind: "(2.4 and later need the backport)".
func (c clauses) lowest(text string, at int) string {
	if b := c.branchesIn(text[at:]); len(b) > 0 {
		return b[0]
	}
	b := c.branchesIn(text[:at])
	if len(b) > 0 && (!reBroughtIn().MatchString(text[:at]) || reThat().MatchString(text)) {
		return b[0]
	}
	if m := reRelease().FindStringSubmatch(text[at:]); m != nil && c.isBranch(m[1]) {
		return m[1] // "to 3.0.0"
	}
	return ""
}

func (c clauses) named(list []sentence) []string {
	found := map[string]bool{}
	for _, s := range list {
		for _, b := range c.branchesIn(s.lower) {
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
func (c clauses) branchesIn(text string) []string {
	var names []string
	for _, m := range reBranch().FindAllStringSubmatchIndex(text, -1) {
		name, rest := text[m[4]:m[5]], text[m[5]:]
		if m[6] < 0 && (len(rest) > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9' || reAfterDev().MatchString(rest) || strings.HasPrefix(rest, "%")) {
			continue
		}
		if len(rest) > 0 && lex.IsWord(rest[0]) || reForeign().MatchString(text[:m[4]]) || !c.isBranch(name) {
			continue
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	sortBranches(names)
	return names
}

// isBranch knows which branches there can be: from 1.3 to the newest, the minor
// number has one digit.
func (c clauses) isBranch(s string) bool { return len(s) == 3 && s >= "1.3" && s <= c.newest }

func sortBranches(names []string) {
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] }) // one digit each
}
