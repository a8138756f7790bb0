package crash

// Schema names the form of Report.
const Schema = "hacrash.report/1"

// Report is what one run found.
type Report struct {
	Schema string `json:"schema"`
	// Unredacted: nothing was taken out, because somebody asked for it.
	Unredacted bool    `json:"unredacted,omitempty"`
	Tool       *Tool   `json:"tool,omitempty"`
	Inputs     []Input `json:"inputs,omitempty"`
	Crashes    []Crash `json:"crashes"`
	// Next is what to do when there is no crash.
	Next []Step `json:"next,omitempty"`
	// Groups are the crashes by fingerprint, the most frequent first, of a run that
	// was asked for them; Crashes is empty then.
	Groups []Group `json:"groups,omitempty"`
	// Ungrouped is how many crashes found no room in Groups.
	Ungrouped int `json:"ungrouped,omitempty"`
}

// Tool is the program that made a report.
type Tool struct {
	Version   string     `json:"version,omitempty"`
	Knowledge *Knowledge `json:"knowledge,omitempty"`
}

// Knowledge says how much the tool knew, and of what date.
type Knowledge struct {
	Date       string `json:"date,omitempty"`   // YYYY-MM-DD
	Commit     string `json:"commit,omitempty"` // HAProxy's newest commit known
	Signatures int    `json:"signatures,omitempty"`
	Fixes      int    `json:"fixes,omitempty"`
}

// Types of Input.
const (
	InputCore      = "core"
	InputLog       = "log"
	InputBacktrace = "backtrace"
)

// Input is one file or stream that was read.
type Input struct {
	Name        string `json:"name"`
	Type        string `json:"type,omitempty"` // core, log or backtrace
	Compression string `json:"compression,omitempty"`
	// Size is in bytes, before decompression; 0 when a stream has none.
	Size int64 `json:"size,omitempty"`
	// Complete is false when the input was cut or could not be read to its end.
	Complete bool     `json:"complete"`
	Problems []string `json:"problems,omitempty"`
}
