package redact

import (
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// prefix is how tokens of one make begin, and the least bytes that they have.
type prefix struct {
	text string
	min  int
}

// prefixes are those that are known, by their first byte.
var prefixes = sync.OnceValue(func() *[256][]prefix {
	var all [256][]prefix
	for _, p := range []prefix{
		{"AKIA", 16}, {"ASIA", 16}, {"AROA", 16}, {"AIDA", 16}, {"ABIA", 16}, {"ACCA", 16}, {"AIza", 16}, {"ya29.", 16}, // AWS, Google
		{"ghp_", 12}, {"gho_", 12}, {"ghu_", 12}, {"ghs_", 12}, {"ghr_", 12}, {"github_pat_", 16},
		{"glpat-", 12}, {"gldt-", 12}, {"glrt-", 12}, {"glptt-", 12}, {"glft-", 12}, {"glsoat-", 12}, {"glcbt-", 12}, {"glimt-", 12}, {"glagent-", 12},
		{"xoxb-", 12}, {"xoxp-", 12}, {"xoxa-", 12}, {"xoxr-", 12}, {"xoxs-", 12}, {"xoxc-", 12}, {"xoxd-", 12}, {"xoxe", 12}, {"xapp-", 12},
		{"sk_live_", 12}, {"sk_test_", 12}, {"rk_live_", 12}, {"rk_test_", 12}, {"pk_live_", 12}, {"pk_test_", 12}, {"whsec_", 12}, {"sk-", 20},
		{"SG.", 16}, {"npm_", 16}, {"pypi-", 16}, {"hvs.", 16}, {"hvb.", 16}, {"hvr.", 16}, // SendGrid, npm, PyPI, Vault
		{"dop_v1_", 16}, {"doo_v1_", 16}, {"dor_v1_", 16}, {"shpat_", 16}, {"shpss_", 16}, {"shpca_", 16}, {"shppa_", 16}, // DigitalOcean, Shopify
		{"dckr_pat_", 16}, {"dckr_oat_", 16}, {"glsa_", 16}, {"glc_", 16}, {"lin_api_", 16}, {"sntrys_", 16}, {"rubygems_", 16}, {"figd_", 16}, {"nfp_", 16},
		{"PMAK-", 16}, {"NRAK-", 16}, {"sq0atp-", 16}, {"sq0csp-", 16}, {"ATATT3", 16}, {"ATCTT3", 16}, {"EAACE", 20}, {"tskey-", 16}, {"pplx-", 16},
		{"hf_", 16}, {"gsk_", 16}, {"r8_", 16}, {"dp.pt.", 16}, {"atlasv1.", 16}, {"v2.local.", 16}, {"v4.local.", 16}, {"v4.public.", 16},
		{"AAAAB3NzaC1", 16}, {"AAAAC3NzaC1", 16}, {"AAAAE2VjZHNh", 16}, // keys of SSH
		{"AGE-SECRET-KEY-", 20}, {"eyJ", 20}, // JWT: {" in base64
	} {
		all[p.text[0]] = append(all[p.text[0]], p)
	}
	return &all
})

// tokenEnd is where a token with a known prefix ends that starts at s[i], or i.
func (w *wordScan) tokenEnd(i int) int {
	s := w.s
	for _, p := range prefixes()[s[i]] {
		if !strings.HasPrefix(s[i:], p.text) {
			continue
		}
		if p.text == "eyJ" && i < w.noJWT {
			continue
		}
		end := i + len(p.text)
		for end < len(s) && isTokenByte(s[end]) {
			end++
		}
		if p.text == "eyJ" && strings.IndexByte(s[i:end], '.') < 0 {
			w.noJWT = end
			continue
		}
		if end-i < p.min || isIdentifier(s[i+len(p.text):end]) && !keeps(p.text) {
			continue
		}
		return end
	}
	return i
}

// isIdentifier reports whether a word may be a name of C, which has no capitals: hf_get_name.
func isIdentifier(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLower(s[i]) && s[i] != '_' {
			return false
		}
	}
	return true
}

// keeps reports whether no function has a name with this prefix.
func keeps(prefix string) bool { return len(prefix) > 4 || strings.HasPrefix(prefix, "gh") }

// isRunByte tells the bytes that tokens are made of, in base64 or in their own words.
func isRunByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '+' || c == '/' }

// Lengths of tokens, in letters and digits.
const (
	longRun     = 32 // no word of HAProxy has so many without a joint
	randomRun   = 24 // in all parts of a run together
	randomPart  = 12 // in one part of it, in text
	longPart    = 16 // in one part behind a prefix
	randomShort = 8  // in one part of a name
)

// isRandom reports whether a run of token bytes was made by chance and not by people. What
// counts is how often small letters, capitals and digits take turns: about every other
// byte in base64, every tenth in names.
//
// Folklore: addresses and commits in hexadecimal take turns as often. They have at most 16
// digits where no word says what they are, or 0x before them.
func isRandom(run string) bool {
	// Most words are short and have no digit: no part of them is made by chance.
	if len(run) < randomRun && !strings.ContainsAny(run, "0123456789") {
		return false
	}
	all, turns := 0, 0
	for from := 0; from < len(run); {
		part := alnumPart(run[from:])
		from += max(len(part), 1)
		if part == "" {
			continue
		}
		if isAddressPart(part) || strings.Trim(part, part[:1]) == "" {
			continue // one byte over and over is a fill
		}
		n, mixed := takesTurns(part)
		if len(part) >= longRun || len(part) >= randomPart && mixed && n*10 >= len(part)*4 {
			return true
		}
		all += len(part)
		turns += n
	}
	return all >= randomRun && turns*10 >= all*3 || isPrefixed(run)
}

// isPrefixed reports whether a run is a token of some make behind the name of its maker, in
// small letters: ops_x, fio-u-x. What would be a long word in a name of C is one if capitals
// and digits are in it.
func isPrefixed(run string) bool {
	cut := strings.LastIndexAny(run, "_-")
	if cut < 1 || len(run)-cut-1 < longPart {
		return false
	}
	for i := range cut {
		if c := run[i]; !isLower(c) && !lex.IsDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	n, mixed := takesTurns(run[cut+1:])
	return mixed && n >= 3 && only(run[cut+1:], "")
}

// alnumPart is the letters and digits that s begins with.
func alnumPart(s string) string {
	n := 0
	for n < len(s) && isAlnum(s[n]) {
		n++
	}
	return s[:n]
}

// hasRandomPart is isRandom for what should be a name.
func hasRandomPart(name string) bool {
	if len(name) < randomShort {
		return false
	}
	for from := 0; from < len(name); {
		part := alnumPart(name[from:])
		from += max(len(part), 1)
		if len(part) < randomShort {
			continue
		}
		n, mixed := takesTurns(part)
		if mixed && n >= 3 && n*100 >= len(part)*35 {
			return true
		}
	}
	return isRandom(name)
}

// isAddressPart reports whether a part of a run is a number in hexadecimal.
func isAddressPart(part string) bool {
	digits := strings.TrimPrefix(part, "0x")
	if len(digits) > 16 || len(digits) < 8 && len(digits) == len(part) {
		return false
	}
	for i := 0; i < len(digits); i++ {
		if !lex.IsDigit(digits[i]) && (digits[i] < 'a' || digits[i] > 'f') {
			return false
		}
	}
	return true
}

// takesTurns counts how often small letters, capitals and digits take turns; mixed says
// that there are all three. A capital with small letters behind it is one word.
func takesTurns(part string) (n int, mixed bool) {
	var lower, upper, digit bool
	for i := 0; i < len(part); i++ {
		c := part[i]
		lower, upper, digit = lower || isLower(c), upper || isUpper(c), digit || lex.IsDigit(c)
		if i == 0 {
			continue
		}
		last := part[i-1]
		switch {
		case isLower(c) && isUpper(last):
			if i > 1 && isUpper(part[i-2]) {
				n++
			}
		case lex.IsDigit(c) != lex.IsDigit(last), isUpper(c) != isUpper(last):
			n++
		}
	}
	return n, lower && upper && digit
}

// isNamed reports whether words before a run of hexadecimal digits say that it is the name
// of a build, a commit or an image, or it is a part of a file's name that systemd or nix
// made.
func isNamed(before, run string) bool {
	for i := 0; i < len(run); i++ {
		if !isAlnum(run[i]) && run[i] != '/' && run[i] != '.' && run[i] != '-' && run[i] != '_' {
			return false
		}
	}
	low := strings.ToLower(before[max(0, len(before)-24):])
	if hexOnly(run) {
		switch len(run) {
		case 40:
			if strings.HasSuffix(low, " [") { // elfutils
				return true
			}
			for _, w := range [...]string{"build-id", "build id", "buildid", "build_id", "commit", "sha1", "id=", "id ", "in the core is "} {
				if strings.Contains(low, w) {
					return true
				}
			}
		case 64:
			return strings.HasSuffix(low, "sha256:")
		case 32:
			return strings.Contains(low, "core.") && strings.HasSuffix(low, ".") || strings.HasSuffix(low, "build_id=")
		}
	}
	return strings.HasPrefix(run, "build-id/") && strings.HasSuffix(low, ".") && hexOnly(strings.ReplaceAll(run[len("build-id/"):], "/", ""))
}

func hexOnly(s string) bool {
	for i := 0; i < len(s); i++ {
		if !lex.IsDigit(s[i]) && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

// stored reports whether a run is a path of a store of packages whose names begin with a
// hash: /nix/store/HASH-haproxy.
func stored(run string) bool {
	for _, p := range [...]string{"/nix/store/", "/gnu/store/"} {
		if rest, ok := strings.CutPrefix(run, p); ok && len(rest) > 32 && rest[32] == '-' {
			hash, name := rest[:32], rest[33:]
			return strings.ToLower(hash) == hash && !isRandom(name)
		}
	}
	return false
}
