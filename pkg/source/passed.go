package source

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Why something is passed over.
const (
	noFile    = "not a file"
	noContent = "empty"
	noTarget  = "a link that leads nowhere"
	hidden    = "hidden"
	otherCore = "a core of another program"
	otherTime = "a core of another time"
)

// maxReasons are told.
const maxReasons = 6

// passed counts what of a directory or an archive is not read, and why.
type passed struct {
	why   []string // in the order in which they came
	first map[string]string
	count map[string]int
}

func (p *passed) add(name, why string) {
	why, _, _ = strings.Cut(why, ";")
	if p.count[why] == 0 {
		if len(p.why) == maxReasons {
			why = "something else"
		}
		if p.first == nil {
			p.first, p.count = map[string]string{}, map[string]int{}
		}
		if p.count[why] == 0 {
			p.why = append(p.why, why)
			p.first[why] = filepath.Base(name)
		}
	}
	p.count[why]++
}

// String is one line: "core.nginx.1 and 3 more (a core of another program), x (empty)".
func (p *passed) String() string {
	var all []string
	for _, why := range p.why {
		s := p.first[why]
		if n := p.count[why] - 1; n > 0 {
			s += fmt.Sprintf(" and %d more", n)
		}
		all = append(all, s+" ("+why+")")
	}
	return strings.Join(all, ", ")
}

// passedOver says what of a directory or an archive was not read.
func (w *walker) passedOver(where string, p *passed) {
	if len(p.why) > 0 && w.o.Note != nil {
		w.o.Note(where, "passed over: "+p.String())
	}
}
