package envelope

import "strings"

// podPrefix takes off "[pod/name/container] ", which kubectl logs --prefix adds.
// The container is the Ident and the pod the Host.
func podPrefix(s string, l *Line) (text string, in inside) {
	if !strings.HasPrefix(s, "[pod/") {
		return "", unknown
	}
	name, text, ok := strings.Cut(s[len("[pod/"):], "]")
	if !ok || len(name) > 512 || strings.IndexByte(name, ' ') >= 0 {
		return "", unknown
	}
	pod, container, ok := strings.Cut(name, "/")
	if !ok || pod == "" || container == "" {
		return "", unknown
	}
	l.named(container, l.PID)
	l.Host, l.Format = pod, Kubectl
	return strings.TrimPrefix(text, " "), nested
}
