package sentences

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// Finding is something wrong with a sentence, or, as a Note, worth a look.
type Finding struct {
	Commit, Text string
	Note         bool
}

// maxRun is how many words of a subject may follow each other in a sentence.
const maxRun = 4

// Check compares sentences with the fix index: each crash fix has one, none is of another
// commit, and needs agree with what the fix changes. Subject gives the subjects of commits, of
// which no run of five words may stand in a sentence; it may be nil.
func Check(list []Sentence, x *fixes.Index, subject func(commit string) (string, error)) ([]Finding, error) {
	all, err := x.Fixes()
	if err != nil {
		return nil, err
	}
	of := map[string]*Sentence{}
	for i := range list {
		of[list[i].Commit] = &list[i]
	}
	var out []Finding
	for i := range all {
		f := &all[i]
		s := of[f.Commit[:digits]]
		switch {
		case s != nil:
			delete(of, s.Commit)
		case f.Crash():
			out = append(out, Finding{Commit: f.Commit[:digits], Text: "a crash fix without a sentence; read the commit and write one"})
		}
		if s == nil {
			continue
		}
		out = append(out, compare(s, f)...)
		if subject != nil {
			text, err := subject(f.Commit)
			if err != nil {
				return nil, err
			}
			if run := Copied(s.Text, text); run != "" {
				out = append(out, Finding{Commit: s.Commit, Text: fmt.Sprintf("%q stands in the commit's subject; say it in other words", run)})
			}
		}
	}
	for _, s := range list {
		if of[s.Commit] != nil {
			out = append(out, Finding{Commit: s.Commit, Text: "no fix that the index knows; correct the commit, or take the sentence out"})
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return strings.Compare(a.Commit, b.Commit) })
	return out, nil
}

// Copied is the first run of more than maxRun words that two texts have in common; "" if
// there is none.
func Copied(text, subject string) string {
	have := words(text)
	said := " " + strings.Join(words(subject), " ") + " "
	for i := 0; i+maxRun < len(have); i++ {
		run := strings.Join(have[i:i+maxRun+1], " ")
		if strings.Contains(said, " "+run+" ") {
			return run
		}
	}
	return ""
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')
	})
}

// place is a part of HAProxy's source, by names of files, and the words of needs of which one is
// expected where a fix changes nothing but it.
type place struct{ files, needs string }

// places are the parts that are of no use without a feature.
func places() []place {
	return []place{
		{"quic_* mux_quic* h3* qpack* hq_interop* proto_quic* xprt_quic* cfgparse-quic* qmux_* xprt_qstrm*", "quic quic-server qmux quic-compat"},
		{"hlua*", "lua httpclient"},
		{"mux_h2* h2.c", "h2 h2-server rhttp"},
		{"mux_fcgi* fcgi*", "fcgi"},
		{"flt_spoe* spoe* mux_spop*", "spop"},
		{"cache.c", "cache"},
		{"flt_http_comp* compression.c slz.c uslz.c", "compression"},
		{"flt_bwlim*", "bwlim"},
		{"flt_trace*", "trace-filter"},
		{"resolvers.c dns.c dns_ring.c", "resolvers do-resolve httpclient"},
		{"peers.c cfgparse-peers.c", "peers"},
		{"stick_table.c", "stick-table stick-rules track-sc peers"},
		{"mqtt.c", "mqtt"},
		{"mailers.c", "mailers"},
		{"acme.c acme_*", "acme"},
		{"jwe.c jwt.c jws.c", "jwt jwe acme"},
		{"ssl_* ocsp.c cfgparse-ssl.c ech.c", "ssl ssl-bind ssl-server ssl-cert-cli ocsp ocsp-update crl crt-list client-cert 0rtt ktls ech ssl-cache generate-certificates acme jwt jwe ssl-engine async-ssl quic quic-server quic-compat openssl3 old-openssl libressl wolfssl aws-lc boringssl"},
		{"httpclient.c http_client.c", "httpclient lua ocsp-update acme"},
		{"service-prometheus.c promex*", "prometheus"},
		{"wurfl.c", "wurfl"},
		{"da.c dac*", "deviceatlas"},
		{"51d.c", "51degrees"},
		{"lb_chash.c lb_map.c", "balance-hash balance-random balance-roundrobin balance-sticky"},
		{"lb_fwlc.c", "balance-leastconn"},
		{"lb_fwrr.c", "balance-roundrobin"},
		{"ev_kqueue.c", "kqueue"},
		{"ev_evports.c", "evports"},
		{"extcheck.c", "external-check"},
		{"guid.c", "guid"},
	}
}

// Needs are the features, with bars between them, of which one is in use where code of a source file
// runs; "" where that says nothing.
func Needs(file string) string {
	for _, p := range places() {
		if p.has(file) {
			return strings.Join(strings.Fields(p.needs), "|")
		}
	}
	return ""
}

// compare looks for needs that do not fit the files, both ways.
func compare(s *Sentence, f *fixes.Fix) (out []Finding) {
	sources := slices.DeleteFunc(slices.Clone(f.Files), func(name string) bool { return !strings.HasSuffix(name, ".c") })
	if len(sources) == 0 || s.NotCrash {
		return nil
	}
	for _, p := range places() {
		if !needed(s, p.needs) && p.all(sources) {
			// What runs at the start, or on the CLI, needs no traffic of that kind.
			out = append(out, Finding{Commit: s.Commit, Note: needed(s, elsewhere), Text: fmt.Sprintf("needs: only %s change, and none of %s is needed",
				strings.Join(sources, ", "), strings.Join(strings.Fields(p.needs), ", "))})
		}
	}
	for _, need := range s.Needs {
		if w := doubtful(need); w != "" && !pointed(w, f) {
			out = append(out, Finding{Commit: s.Commit, Note: true, Text: fmt.Sprintf("needs: nothing in the files and subsystems of the fix points at %s", need)})
		}
	}
	return out
}

// elsewhere are needs of code that runs though the feature is not in use.
const elsewhere = "cli cli-expert show-commands prometheus traces start bad-config config-check init-fail exit reload build-debug build-option"

func needed(s *Sentence, needs string) bool {
	list := strings.Fields(needs)
	return slices.ContainsFunc(s.Needs, func(need string) bool {
		for w := range strings.SplitSeq(need, "|") {
			// A keyword that must stand in the configuration says more than a feature.
			if slices.Contains(list, w) || strings.HasPrefix(w, "word:") {
				return true
			}
		}
		return false
	})
}

func (p *place) all(files []string) bool {
	return !slices.ContainsFunc(files, func(name string) bool { return !p.has(name) })
}

func (p *place) has(name string) bool {
	for glob := range strings.FieldsSeq(p.files) {
		if ok, _ := path.Match(glob, path.Base(name)); ok {
			return true
		}
	}
	return false
}

// doubtful is a need that files or subsystems of a fix nearly always show, without what follows
// a hyphen; "" for others.
func doubtful(need string) string {
	switch need {
	case "quic", "quic-server", "lua", "fcgi", "spop", "cache", "peers", "mqtt", "acme", "prometheus":
		word, _, _ := strings.Cut(need, "-")
		return word
	}
	return ""
}

func pointed(word string, f *fixes.Fix) bool {
	also := map[string][]string{"quic": {"h3", "qpack", "qmux"}, "lua": {"hlua"}, "spop": {"spoe"}, "prometheus": {"promex"}}[word]
	names := slices.Concat(f.Files, f.Subsystems, f.Changed, f.Named, f.Called)
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(append([]string{word}, also...), func(w string) bool { return strings.Contains(strings.ToLower(name), w) })
	})
}
