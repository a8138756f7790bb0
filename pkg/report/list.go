package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ListSchema names the form of the list in JSON: docs/schema/list.schema.json.
const ListSchema = "hacrash.list/1"

// Listed is a crash of this host in a list.
type Listed struct {
	Time string `json:"time"`
	PID  int    `json:"pid,omitempty"`
	// Version, Signal, Kind and Fingerprint are empty where nothing tells.
	Version     string `json:"version,omitempty"`
	Signal      string `json:"signal,omitempty"`
	Kind        string `json:"kind,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
	Size        int64  `json:"size,omitempty"`
	// Core is present, missing or unreadable; Problem is why nothing was read of one that is there.
	Core    string `json:"core"`
	Problem string `json:"problem,omitempty"`
	Source  string `json:"source"`
	Path    string `json:"path,omitempty"`
}

// List is what hacrash list prints as JSON. Fields are added and never renamed.
type List struct {
	Schema  string   `json:"schema"`
	Crashes []Listed `json:"crashes"`
	// LeftOut are older crashes that were found and not looked at.
	LeftOut int `json:"left_out,omitempty"`
}

// WriteList writes a list, as text or JSON.
func WriteList(w io.Writer, format string, l *List) error {
	if format == "json" {
		return writeJSON(w, l)
	}
	var b strings.Builder
	rows := [][]string{{"TIME", "PID", "VERSION", "SIGNAL", "SIZE", "KIND", "FINGERPRINT", "CORE"}}
	for i := range l.Crashes {
		c := &l.Crashes[i]
		pid, size := "", ""
		if c.PID != 0 {
			pid = strconv.Itoa(c.PID)
		}
		if c.Size != 0 {
			size = fmt.Sprintf("%.1fM", float64(c.Size)/(1<<20))
		}
		where := c.Path
		if where == "" || c.Core != "present" {
			where = strings.TrimSpace(c.Core + " " + where)
		}
		row := []string{c.Time, pid, c.Version, c.Signal, size, c.Kind, c.Fingerprint, where}
		for i, cell := range row {
			if row[i] = Escape(cell); cell == "" {
				row[i] = "-"
			}
		}
		rows = append(rows, row)
	}
	writeTable(&b, "", rows)
	_, err := io.WriteString(w, b.String())
	return err
}
