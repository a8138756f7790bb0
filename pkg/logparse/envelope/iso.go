package envelope

import "strings"

// isoLine reads lines that begin with an ISO 8601 time. With "host ident[pid]: "
// behind it is what RSYSLOG_FileFormat writes and journalctl -o short-iso and
// short-iso-precise print. Otherwise it is a container's (docker logs -t, kubectl logs
// --timestamps) or HAProxy's own format iso, and anything can follow.
//
// Folklore: "2025-05-06T01:08:21.000000001Z HAProxy info:" would pass for host
// and tag. Times of containers have nine digits and Z, those of syslog six or
// none and a number for a zone. So after the former only a tag with a pid, or of
// a program known by name, is believed.
func isoLine(s string, l *Line) (text string, in inside) {
	st, n, fraction, ok := isoStamp(s)
	if !ok || n < len(s) && s[n] != ' ' {
		return "", unknown
	}
	text = strings.TrimPrefix(s[n:], " ")
	l.setTime(st)
	// Folklore: dmesg --time-format iso, alone of all, has a T and a comma.
	if s[10] == 'T' && s[19:min(n, 20)] == "," {
		l.named("kernel", 0)
		l.Format = Dmesg
		return text, indented
	}
	host, tag, size := readSource(text)
	sure := tag.pid > 0 || host != "" && (tag.ident == "kernel" || tag.ident == "haproxy" || tag.ident == "systemd")
	container := fraction > 6 || s[n-1] == 'Z' || st.NoZone
	if tag.ident == "" || !sure && (container || host == "") {
		if l.Format != Kubectl && l.Format != Compose {
			l.Format = Stamped
		}
		return text, nested
	}
	l.Format = ISO
	if host != "" {
		l.Host = host
	}
	tag.set(l)
	return text[size:], indented
}
