package history

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// sentence is one sentence of a body, on one line.
type sentence struct {
	text string
	// lower is in lower case and without the subjects of commits that are cited.
	lower string
}

var (
	reTrailer  = lex.Pattern(`(?i)^(signed-off-by|reported-by|co-authored-by|tested-by|reviewed-by|acked-by|cc|suggested-by|link):`)
	reFrame    = lex.Pattern(`^\s*#\d{1,3}\s+(0x[0-9a-f]+|<signal handler|[A-Za-z_][\w.]*\s*\(|\S+ at )`)
	reEnd      = lex.Pattern(`[.!?][)"']?\s+`)
	reQuoted   = lex.Pattern(`\(?"(BUG|MINOR|MEDIUM|MAJOR|CLEANUP|BUILD|OPTIM|REORG|DOC|TESTS?|REGTESTS?|DEBUG|Revert|CI|IMPORT|LICENSE|\[)[^"]{4,200}"?`)
	reHash     = lex.Pattern(`\b[0-9a-f]{7,40}\b`)
	reCVE      = lex.Pattern(`(?i)\bCVE-(\d{4})-(\d{4,7})\b`)
	reIssueURL = lex.Pattern(`github\.com/haproxy/haproxy/issues/(\d{1,5})\b`)
	reIssue    = lex.Pattern(`(?i)(\bGH-|(?:^|[\s([,;:/"']|github|gh|issues?|bug)#)(\d{1,5})\b(\.\d)?`)
	reNamed    = lex.Pattern(`\b([A-Za-z_]\w{2,})\(\)`)
	reBugOn    = lex.Pattern(`\b(?:BUG_ON|BUG_ON_HOT|CHECK_IF|WARN_ON|CHECK_IF_HOT|BUG_ON_STRESS)\(`)
	reBugText  = lex.Pattern(`condition "([^"]{1,300})"`)
	reReverts  = lex.Pattern(`(?i)\breverts? (?:the )?commit\s+([0-9a-f]{7,40})\b`)
)

// withoutQuotedSubjects drops the subjects of commits that a message cites.
func withoutQuotedSubjects(s string) string { return reQuoted().ReplaceAllString(s, `("`) }

// sentences cuts a body into sentences. A blank line ends one, and so does an
// item of a list; frames of a pasted stack and trailers are dropped.
func sentences(body string) []sentence {
	var list []sentence
	var part []string
	flush := func() {
		text := strings.Join(strings.Fields(strings.Join(part, " ")), " ")
		part = part[:0]
		for text != "" {
			end := len(text)
			for _, at := range reEnd().FindAllStringIndex(text, -1) {
				if !abbreviation(text[:at[0]+1]) {
					end = at[1]
					break
				}
			}
			list = append(list, sentence{text[:end], strings.ToLower(withoutQuotedSubjects(text[:end]))})
			text = text[end:]
		}
	}
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\r\n")
		t := strings.TrimSpace(line)
		switch {
		case t == "":
			flush()
			continue
		case reTrailer().MatchString(t), reFrame().MatchString(line):
			flush()
			continue
		case strings.HasPrefix(t, "- ") || strings.HasPrefix(t, "* "):
			flush()
		}
		part = append(part, t)
	}
	flush()
	return list
}

func abbreviation(s string) bool {
	for _, a := range []string{"e.g.", "i.e.", "etc.", "vs.", "cf.", "resp.", "ie.", "eg.", " aka."} {
		if strings.HasSuffix(s, a) {
			return true
		}
	}
	return false
}

// issuesOf are the numbers of GitHub issues. "#10 0x55.. in foo ()" is a frame,
// "#3.2" a section of a standard, "#1" alone mostly an item of a list.
func issuesOf(message string) []int {
	var found []int
	add := func(s string, least int) {
		if n, err := strconv.Atoi(s); err == nil && n >= least && !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	for line := range strings.Lines(message) {
		if reFrame().MatchString(line) || strings.Contains(strings.ToLower(line), "redmine") {
			continue // a frame, or a number of another tracker
		}
		for _, m := range reIssueURL().FindAllStringSubmatch(line, -1) {
			add(m[1], 1)
		}
		for _, m := range reIssue().FindAllStringSubmatchIndex(line, -1) {
			if m[6] >= 0 {
				continue // a dot and a digit follow
			}
			before := strings.ToLower(line[:m[0]] + line[m[2]:m[3]])
			before = strings.TrimRight(before, "# ([:-")
			least := 20
			if strings.HasSuffix(before, "issue") || strings.HasSuffix(before, "issues") || strings.HasSuffix(before, "gh") || strings.HasSuffix(before, "github") {
				least = 1
			}
			if strings.HasSuffix(before, "pr") || strings.HasSuffix(before, "pull request") || strings.HasSuffix(before, "pull") {
				continue
			}
			add(line[m[4]:m[5]], least)
		}
	}
	sort.Ints(found)
	return found
}

func cvesOf(message string) []string {
	var found wordSet
	for _, m := range reCVE().FindAllStringSubmatch(message, -1) {
		found.add("CVE-" + m[1] + "-" + m[2])
	}
	return found.sorted()
}

// namedOf are the functions that a message names as foo().
func namedOf(message string) []string {
	var found wordSet
	for _, m := range reNamed().FindAllStringSubmatch(message, -1) {
		if isFunction(m[1]) {
			found.add(m[1])
		}
	}
	return found.sorted()
}

// conditionsOf are the identifiers of conditions that a message quotes, as
// BUG_ON(x) or as HAProxy printed them.
func conditionsOf(message string) []string {
	var found wordSet
	text := strings.Join(strings.Fields(message), " ")
	for _, at := range reBugOn().FindAllStringIndex(text, -1) {
		for _, w := range identifiers(inBrackets(text[at[1]:])) {
			found.add(w)
		}
	}
	for _, m := range reBugText().FindAllStringSubmatch(text, -1) {
		for _, w := range identifiers(m[1]) {
			found.add(w)
		}
	}
	return found.list
}

const maxCondition = 400

// inBrackets is the text up to the bracket that closes the one before it.
func inBrackets(s string) string {
	s = s[:min(len(s), maxCondition)]
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s[:i]
			}
		}
	}
	return ""
}

// identifiers are the names in C code, in order, without words of C and what stands in
// quotes, the text that BUG_ON prints besides.
func identifiers(code string) []string {
	var list []string
	for i, part := range strings.Split(code, `"`) {
		if i%2 == 1 {
			continue
		}
		for _, w := range lex.Words(part) {
			if isIdentifier(w) {
				list = append(list, w)
			}
		}
	}
	return list
}

func isIdentifier(w string) bool {
	switch w {
	case "if", "else", "for", "while", "return", "sizeof", "int", "char", "long", "unsigned", "void", "const", "struct", "NULL", "size_t", "goto", "static", "typeof":
		return false
	}
	return len(w) >= 2 && len(w) <= 80 && (w[0] < '0' || w[0] > '9')
}

// role is what a commit that is cited has to do with the bug.
type role uint8

const (
	mentioned role = iota
	introduced
	exposed
)

var (
	reExposed = lex.Pattern(`\b(reveal(s|ed)?|expos(e|es|ed)|uncover(s|ed)?|unveil(s|ed)?|unmask(s|ed)?|surfaced|more (visible|likely|frequent|easily|often)|(became|made|makes|more|was) (it |this |the (bug|issue|problem) )?(easier|visible|apparent|noticeable|reproducible|possible to)|show(ed)? up (since|after|with)|trigger(ed|able)? (more|since|by commit|by the commit|after commit)|amplified|emphasi[sz]ed|highlighted|worsen(ed)?|aggravated)\b`)
	reBrought = lex.Pattern(`\b(introduced?|introduces|introduction|introduced|caused by|causes|cause of|due to|broke|broken|breaks|regress\w*|appeared|appears (in|with|since)|brought|came with|came in|comes? from|coming from|arrived with|since( the)?( following)? (commit|patch|change)s?|since( the)? [0-9a-f]{7,40}|after commit|added (in|by|with)|culprit|offending|faulty|dates? back|been there since|present since|there since|exists? since|result of|follow(s|ing)? commit|wrong(ly)? (in|since)|mistake|forgot|forgotten|missed|overlooked|incomplete|left over|leftover|remains? of|consequence|side effect|fixes:|fixes commit|bug in( the)? commit|was lost|got lost|removed by|lost in|lost with|erroneously|inadvertently|accident)\b`)
	reUnlike  = lex.Pattern(`\b(depends? on|requires?|required|relies on|needs? (the )?(commit|patch|also)|backport(ed|ing)? (it )?(with|after|along|together|only after|where|if)|same (issue|bug|problem|fix|as)|similar(ly)?|like|fixed (by|in|with)|was fixed|already fixed|was (already )?addressed|see( also)?|complete[sd]?|complements?|follow-?up|prerequisite|needed|thanks to|preliminary|inspired|as (was )?done (in|by)|previous fix|counterpart|picked|unless|alternative)\b`)
)

// rolesOf gives each commit that a body cites its role. A body says so around the
// hash, in the same sentence, mostly before it: words behind it ("commit X
// introduced ...") count when none before it speak against.
func rolesOf(body string) []citation {
	var list []citation
	for _, s := range sentences(body) {
		cited := hashesIn(s.text)
		last := 0
		for i, c := range cited {
			next := len(s.text)
			if i+1 < len(cited) {
				next = cited[i+1].start
			}
			before := strings.ToLower(withoutQuotedSubjects(s.text[last:c.start]))
			after := strings.ToLower(withoutQuotedSubjects(s.text[c.end:next]))
			switch {
			case reExposed().MatchString(before), reExposed().MatchString(after) && !reBrought().MatchString(before):
				c.role = exposed
			case reUnlike().MatchString(before) && !reStrong().MatchString(before):
			case reBrought().MatchString(before), reBrought().MatchString(after) && !reUnlike().MatchString(after):
				c.role = introduced
			}
			// "introduced in 2.4 by commits A and B": the second goes with the first.
			if c.role == mentioned && i > 0 && reAnd().MatchString(before) {
				c.role = list[len(list)-1].role
			}
			list = append(list, c)
			last = c.end
		}
	}
	return list
}

var (
	reStrong = lex.Pattern(`\b(introduced|regression|caused by|broke|broken by|offending|culprit|appeared)\b`)
	reAnd    = lex.Pattern(`^[\s"'(),.;\w/:-]{0,6}(\band\b|\bthen\b|,|\bor\b)\s*(the )?(commit )?$`)
)

// citation is a commit that a body names.
type citation struct {
	hash       string
	subject    string // as quoted behind it, "" if not
	role       role
	start, end int // of the hash in its sentence
}

// hashesIn are the commits that a text cites. Numbers and words that happen to be
// made of hex digits are none, unless "commit" stands before them or a subject behind.
func hashesIn(text string) []citation {
	var list []citation
	for _, at := range reHash().FindAllStringIndex(text, -1) {
		hash := strings.ToLower(text[at[0]:at[1]])
		subject := subjectAt(text[at[1]:])
		digit, letter := strings.ContainsAny(hash, "0123456789"), strings.ContainsAny(hash, "abcdef")
		if !(digit && letter) && subject == "" && !strings.HasSuffix(strings.ToLower(strings.TrimRight(text[:at[0]], " ")), "commit") {
			continue
		}
		list = append(list, citation{hash: hash, subject: subject, start: at[0], end: at[1]})
	}
	return list
}

// subjectAt is the subject in ` ("subject")`, behind a hash.
func subjectAt(rest string) string {
	rest = strings.TrimPrefix(strings.TrimLeft(rest, ` '`), "(")
	if !strings.HasPrefix(rest, `"`) {
		return ""
	}
	// Quotes in the subject are not escaped: its end is the one before the bracket.
	end := strings.Index(rest[1:], `")`)
	if end < 0 {
		end = strings.IndexByte(rest[1:], '"')
	}
	if end < 0 {
		return ""
	}
	return rest[1 : 1+end]
}
