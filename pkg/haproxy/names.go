package haproxy

import (
	"slices"
	"strings"
)

// IsProgram says whether an executable of that name or path, or a process of that name,
// is HAProxy: haproxy, haproxy-2.8.3, haproxy.debug, haproxy24, hapee-lb. What
// surrounds HAProxy often bears its name too (haproxy_exporter, haproxy-ingress,
// dataplaneapi) and is not.
//
// Folklore: the kernel keeps 15 bytes of a process's name, so that the Prometheus exporter
// is haproxy_exporte, and haproxy-2.8.3-debug loses its end.
func IsProgram(name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, " (deleted)"))
	name = name[strings.LastIndexByte(name, '/')+1:]
	if rest, ok := strings.CutPrefix(name, "hapee"); ok {
		return hapee(rest)
	}
	rest, ok := strings.CutPrefix(name, "haproxy")
	if !ok {
		return false
	}
	for i, word := range strings.FieldsFunc(rest, isSeparator) {
		if len(word) == 1 || version(word) || slices.Contains(variants, word) {
			continue
		}
		if i == 0 || !versionBefore(rest) {
			return false
		}
	}
	return rest == "" || isSeparator(rune(rest[0])) || rest[0] >= '0' && rest[0] <= '9'
}

// hapee reads the names of the enterprise edition: hapee-lb, hapee-2.8-lb, hapee-2.8/sbin
// being cut already. Its other daemons are hapee-extras, hapee-wafd, hapee-snmp …
func hapee(rest string) bool {
	words := strings.FieldsFunc(rest, isSeparator)
	return len(words) > 0 && (words[len(words)-1] == "lb" || words[len(words)-1] == "service" && slices.Contains(words, "lb"))
}

// variants are words by which people tell builds of HAProxy apart.
var variants = strings.Fields(`debug dbg dbgsym dev devel git master main head next lts stable edge latest nightly snapshot rc static
	stripped unstripped asan ubsan tsan msan san lsan valgrind gdb o0 o2 og ssl nossl tls openssl quictls quic h3 wolfssl awslc libressl boringssl lua nolua
	pcre pcre2 old orig new prev previous bak backup save saved test testing patched fixed fix bad good crash build built bin exe local custom
	prod production staging ee enterprise community ce amd64 x86 arm64 aarch64 musl glibc gcc clang alpine debian ubuntu el7 el8 el9 lb core master worker
	np pie nopie pic strip dwarf sym symbols`)

// version says whether a word is a part of a version: 2, 8, 24, v2, dev5, rc1, g1a2b3c4d.
func version(word string) bool {
	for _, p := range [...]string{"v", "dev", "rc", "ss", "r", "g"} {
		word = strings.TrimPrefix(word, p)
	}
	return word != "" && strings.Trim(word, "0123456789abcdef") == "" && (strings.ContainsAny(word, "0123456789") || len(word) >= 7)
}

// versionBefore says that the name has a version, behind which anything may stand.
func versionBefore(rest string) bool {
	rest = strings.TrimLeft(rest, "-_.v")
	return rest != "" && rest[0] >= '1' && rest[0] <= '9' && strings.Contains(rest, ".")
}

func isSeparator(c rune) bool {
	return c == '-' || c == '_' || c == '.' || c == '+' || c == '~' || c == ':' || c == '@'
}

// IsService says whether a unit, a container or an image of that name runs HAProxy: people
// name these as they like (haproxy@edge.service, haproxy-internal, shop_haproxy_1,
// docker.io/library/haproxy:3.0), but what only accompanies HAProxy says in its name
// what it does.
func IsService(name string) bool {
	name = strings.ToLower(name)
	name = strings.TrimPrefix(name, "docker.io/")
	if at := strings.IndexByte(name, '@'); at > 0 && !strings.Contains(name, "@sha256:") {
		name = name[:at] // an instance is called anything
	}
	words := strings.FieldsFunc(name, func(c rune) bool { return isSeparator(c) || c == '/' || c == '\\' })
	found := false
	for _, w := range words {
		if slices.Contains(companions, w) {
			return false
		}
		found = found || strings.HasPrefix(w, "haproxy") && (len(w) == len("haproxy") || version(w[len("haproxy"):])) || w == "hapee"
	}
	return found || strings.HasSuffix(name, "haproxytech") && len(words) == 1
}

// companions are words in the names of what is not HAProxy itself.
var companions = strings.Fields(`ingress exporter exporte exporters template templates controller controllers dataplane dataplaneapi agent agents spoa spoe
	stats statsd stat metrics monitor monitoring mon log logs logger logging rsyslog syslog reload reloader watch watcher watchdog config configs configurator
	confd consul nomad keepalived vrrp init sidecar auth discovery unbind operator sync certs cert certbot acme letsencrypt logrotate rotate check checker
	checks health healthcheck bouncer crowdsec wi ui web gui admin api cli ctl top hatop telegraf collectd prometheus promtail filebeat vector fluentd updater update
	upgrade mapper map maps generator gen manager notify notifier cron timer backup restore renew hook hooks deploy deployer socat marathon mesos bamboo
	subscriber heartbeat snmp wafd waf extras lbupdate geoip ssl-renew setup migrate webhook dashboard grafana proxy-protocol tester bench`)
