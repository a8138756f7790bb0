package haconf

import "strings"

// Modes of a proxy. Several are possible where a condition or a variable decides.
const (
	modeTCP = 1 << iota
	modeHTTP
	modeOther
)

// proxy is what lines of a proxy say that only together mean something.
type proxy struct {
	kind   string // frontend, backend, listen, defaults
	header sight
	modes  uint8 // what it says itself, or what it was given by defaults
	mode   *sight

	// What is on or off, by itself or by defaults.
	reuse, upgrade, algorithm bool

	// Lines.
	bind, server, plainTLS *sight
}

func isProxy(kind string) bool {
	switch kind {
	case "frontend", "backend", "listen", "defaults":
		return true
	}
	return false
}

// enter begins a section.
func (r *reader) enter(words []string) {
	r.leave()
	r.section = words[0]
	r.features(words)
	r.keyword(table(), words[0], words[0])
	if !isProxy(words[0]) {
		return
	}
	p := &proxy{kind: words[0], header: r.sight(Used, words[0]), modes: modeTCP, reuse: true, upgrade: true}
	base := r.latest
	if n := len(words); n >= 4 && words[n-2] == "from" {
		base = r.defaults[words[n-1]]
	} else if n == 3 && words[0] == "defaults" && words[1] == "from" {
		base = r.defaults[words[2]]
	} else if words[0] == "defaults" {
		base = nil // a section of defaults begins anew
	}
	if base != nil {
		p.modes, p.mode, p.reuse, p.upgrade, p.algorithm = base.modes, base.mode, base.reuse, base.upgrade, base.algorithm
	}
	if p.kind == "defaults" {
		r.latest = p
		if len(words) > 1 && words[1] != "from" {
			r.defaults[words[1]] = p
		}
	}
	r.proxy = p
}

// setting keeps what lines say that patterns cannot.
func (r *reader) setting(words []string, negated bool) {
	if r.section == "global" {
		r.global(words, negated)
		return
	}
	p := r.proxy
	if p == nil {
		return
	}
	arg := ""
	if len(words) > 1 {
		arg = words[1]
	}
	switch words[0] {
	case "mode":
		r.setMode(p, arg)
	case "http-reuse":
		p.reuse = arg != "never"
	case "balance":
		p.algorithm = true
	case "option":
		if arg == "disable-h2-upgrade" {
			p.upgrade = negated
		}
	case "bind":
		r.first(&p.bind, words[0])
		if p.plainTLS == nil && defaultProtocols(words) {
			r.first(&p.plainTLS, words[0])
		}
	case "server", "server-template", "dispatch":
		r.first(&p.server, words[0])
	}
}

// first keeps the first line of a kind.
func (r *reader) first(at **sight, directive string) {
	if *at == nil {
		s := r.sight(Used, directive)
		*at = &s
	}
}

func (r *reader) setMode(p *proxy, mode string) {
	modes := uint8(modeOther)
	switch {
	case strings.ContainsAny(mode, holes):
		modes = modeTCP | modeHTTP | modeOther
	case mode == "http":
		modes = modeHTTP
	case mode == "tcp":
		modes = modeTCP
	}
	if len(r.opened) > 0 {
		modes |= p.modes
	}
	p.modes, p.mode = modes, nil
	r.first(&p.mode, "mode")
}

// defaultProtocols says that a bind has TLS over TCP and names no protocols for it.
func defaultProtocols(words []string) bool {
	tls := false
	for _, w := range words[1:] {
		switch w {
		case "ssl":
			tls = true
		case "alpn", "no-alpn", "npn", "proto":
			return false
		}
	}
	return tls && table().quic.match(words) != Used
}

// global keeps what numbers say.
func (r *reader) global(words []string, negated bool) {
	if len(words) < 2 && !negated {
		return
	}
	number := ""
	if len(words) > 1 {
		number = words[1]
	}
	more := func(feature string) {
		switch {
		case strings.ContainsAny(number, holes):
			r.see(feature, MaybeUsed, words[0])
		case number == "1":
			if len(r.opened) == 0 {
				r.off[feature] = words[0] + " is 1"
			}
		default:
			r.see(feature, Used, words[0])
		}
	}
	switch words[0] {
	case "nbthread":
		more("threads")
	case "nbproc":
		more("nbproc")
	case "thread-groups":
		more("thread-groups")
	case "tune.ssl.cachesize":
		if number == "0" && len(r.opened) == 0 {
			r.off["ssl-cache"] = "tune.ssl.cachesize is 0"
		}
	}
}

// leave ends a section: what its lines come to.
func (r *reader) leave() {
	p := r.proxy
	r.proxy = nil
	if p == nil || p.kind == "defaults" {
		return
	}
	at := p.header
	if p.mode != nil {
		at = *p.mode
	}
	at.use = min(at.use, p.header.use)
	in := func(mode uint8) sight {
		s := at
		switch {
		case p.modes&mode == 0:
			s.use = NotUsed
		case p.modes != mode:
			s.use = min(s.use, MaybeUsed)
		}
		return s
	}
	r.add("tcp", in(modeTCP))
	r.add("http", in(modeHTTP))
	r.add("h1", in(modeHTTP))
	if in(modeHTTP).use != NotUsed {
		r.http(p)
	}
	if s := p.server; s != nil && !p.algorithm {
		roundrobin, random := *s, *s
		roundrobin.as, random.as = "no balance, "+s.as, "no balance, "+s.as
		roundrobin.until, random.from = branch{3, 3}, branch{3, 3}
		r.add("balance-roundrobin", roundrobin)
		r.add("balance-random", random)
	}
	if s := p.server; s != nil {
		tried := *s
		tried.use = MaybeUsed
		tried.as = "a connection that fails is tried again, " + s.as
		r.add("retries", tried)
	}
}

// http adds what a proxy of mode http uses without a word for it.
func (r *reader) http(p *proxy) {
	if s := p.server; s != nil && p.reuse {
		r.add("http-reuse", *s)
	}
	if s := p.plainTLS; s != nil { // since 2.8 h2 is offered where nobody says what is
		plain := *s
		plain.as, plain.from = "no alpn, "+s.as, branch{2, 8}
		r.add("h2", plain)
	}
	// A client that begins with the preface of HTTP/2 is understood.
	if s := p.bind; s != nil && p.upgrade {
		upgrade := *s
		upgrade.use, upgrade.as = MaybeUsed, "a client may begin with HTTP/2, "+s.as
		r.add("h2", upgrade)
	}
}
