package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// mostInputs are listed.
const mostInputs = 20

// inputs names what was read, when there is something to say about it; nil if not.
func inputs(list []crash.Input, crashes int) *Section {
	poor := slices.ContainsFunc(list, func(i crash.Input) bool { return !i.Complete || len(i.Problems) > 0 })
	if len(list) == 0 || !poor && crashes > 0 && len(list) == 1 {
		return nil
	}
	t := Table{Columns: []Column{{Most: 34, Cut: CutLeft}, {}, {}, {Rest: true}}}
	if n := len(list) - mostInputs; n > 0 {
		list, t.More = list[:mostInputs], fmt.Sprintf("%d more", n)
	}
	for _, in := range list {
		var state []string
		if !in.Complete {
			state = append(state, "incomplete")
		}
		if len(in.Problems) > 0 {
			state = append(state, sentence(strings.Join(in.Problems, "; ")))
		}
		size := ""
		if in.Size > 0 {
			size = bytesWord(in.Size)
		}
		kind := string(dataText(clip(in.Type, 12)))
		if in.Compression != "" {
			kind = strings.TrimSpace(kind + " (" + data(in.Compression) + ")")
		}
		t.Rows = append(t.Rows, []Text{dataText(inputName(in.Name)), Text(kind), Text(size), Text(strings.Join(state, ": "))})
	}
	return &Section{Title: "Inputs", Blocks: []Block{table(t)}}
}

// staleAfter is after how many days it is said that knowledge is old: HAProxy has a
// new branch twice a year.
const staleAfter = 180

// age says that knowledge is old; empty if it is not, or nobody told the day.
func age(k *crash.Knowledge, now time.Time) string {
	day, err := time.Parse(time.DateOnly, k.Date)
	if err != nil || now.IsZero() {
		return ""
	}
	days := int(now.Sub(day).Hours() / 24)
	if days <= staleAfter {
		return ""
	}
	return fmt.Sprintf(", %d days old: newer bugs and fixes are not in it", days)
}

// knowledge says of what date the tool's knowledge is.
func knowledge(t *crash.Tool, now time.Time) Text {
	if t == nil {
		return ""
	}
	s := "hacrash"
	if t.Version != "" {
		s += " " + sentence(t.Version)
	}
	k := t.Knowledge
	if k == nil {
		return Text(s)
	}
	if k.Date != "" {
		s += ", knowledge of " + sentence(k.Date) + age(k, now)
	}
	if k.Commit != "" {
		s += " (HAProxy " + commitShort(k.Commit) + ")"
	}
	var counts []string
	if k.Signatures > 0 {
		counts = append(counts, plural(k.Signatures, "signature"))
	}
	if k.Fixes > 0 {
		counts = append(counts, plural(k.Fixes, "fix"))
	}
	if len(counts) > 0 {
		s += ": " + strings.Join(counts, ", ")
	}
	return Text(s)
}
