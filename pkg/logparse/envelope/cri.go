package envelope

import "strings"

// cri reads "2006-01-02T15:04:05.000000000Z stderr F text", what containerd and
// CRI-O write to /var/log/pods (Kubernetes, pkg/kubelet/kuberuntime/logs). The
// tag is F for a full line or the last piece of one, P for a piece that goes on.
func cri(s string, l *Line) (text, stream string, kind pieceKind, ok bool) {
	st, n, _, ok := isoStamp(s)
	if !ok || st.NoZone {
		return "", "", whole, false
	}
	rest := s[n:]
	switch {
	case strings.HasPrefix(rest, " stdout "):
		stream = "stdout"
	case strings.HasPrefix(rest, " stderr "):
		stream = "stderr"
	default:
		return "", "", whole, false
	}
	tags, text, _ := strings.Cut(rest[len(" stdout "):], " ")
	tag, _, _ := strings.Cut(tags, ":") // more tags may follow one day
	switch tag {
	case "F":
	case "P":
		kind = first
	default:
		return "", "", whole, false
	}
	l.setTime(st)
	l.Format = CRI
	return text, stream, kind, true
}
