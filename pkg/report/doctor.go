package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/hacrash/hacrash/pkg/host"
)

// DoctorFormats are the forms in which WriteDoctor writes.
func DoctorFormats() []string { return []string{"text", "json"} }

// WriteDoctor writes what was found on a machine.
func WriteDoctor(w io.Writer, format string, r *host.Result) error {
	if format == "json" {
		return writeJSON(w, r)
	}
	_, err := io.WriteString(w, doctorText(r))
	return err
}

var doctorMarks = map[host.State]string{host.OK: "ok", host.Problem: "PROBLEM", host.Unknown: "cannot tell"}

func doctorText(r *host.Result) string {
	var b strings.Builder
	unknown := 0
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-11s  %-16s  %s\n", doctorMarks[f.State], f.ID, Escape(f.Says))
		if f.State == host.Unknown {
			unknown++
		}
		if f.Command != "" {
			fmt.Fprintf(&b, "%31smend it: %s\n", "", Escape(f.Command))
		}
		if f.Costs != "" {
			fmt.Fprintf(&b, "%31scosts: %s\n", "", Escape(f.Costs))
		}
	}
	problems := "no problems"
	switch r.Problems {
	case 0:
	case 1:
		problems = "1 problem"
	default:
		problems = fmt.Sprintf("%d problems", r.Problems)
	}
	fmt.Fprintf(&b, "\n%s; %d of %d things cannot be told\n", problems, unknown, len(r.Findings))
	return b.String()
}
