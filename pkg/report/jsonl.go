package report

import (
	"encoding/json"
	"io"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/redact"
)

// crashLine is one line of JSON lines: a crash with what it needs to stand
// alone ($defs/crashLine of the schema).
type crashLine struct {
	Schema     string      `json:"schema"`
	Unredacted bool        `json:"unredacted,omitempty"`
	Tool       *crash.Tool `json:"tool,omitempty"`
	// Input names the inputs that the crash was read from.
	Input []string `json:"input,omitempty"`
	*crash.Crash
}

// jsonlStream writes a line for each crash as soon as it is known.
type jsonlStream struct {
	w io.Writer
	o Options
}

func newJSONL(w io.Writer, o Options) Stream { return &jsonlStream{w: w, o: o} }

func (s *jsonlStream) Crash(c *crash.Crash) error {
	redact.Crash(c, s.o.Redact)
	line := crashLine{Schema: crash.Schema, Unredacted: s.o.Redact.Off, Tool: s.o.Tool, Input: sources(c), Crash: c}
	e := json.NewEncoder(&document{w: s.w, after: "\n"})
	e.SetEscapeHTML(false)
	return e.Encode(line)
}

// Close writes nothing: a file of JSON lines can be cut or joined anywhere.
func (s *jsonlStream) Close(*crash.Report) error { return nil }

// sources are the names of the inputs that a crash was read from.
func sources(c *crash.Crash) []string {
	const most = 16
	var names []string
	seen := map[string]bool{}
	for _, e := range c.Evidence {
		if e.Source != "" && !seen[e.Source] && len(names) < most {
			seen[e.Source] = true
			names = append(names, e.Source)
		}
	}
	return names
}
