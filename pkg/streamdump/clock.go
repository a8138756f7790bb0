package streamdump

import (
	"fmt"
	"strings"
)

// pastDates sees expired dates. They stand out in a spin only: in a thread that was
// stuck for seconds every date passes.
func pastDates(s *Stream, say sayer) {
	for _, f := range s.order {
		if f.Value != "<PAST>" || !strings.HasSuffix(f.Name, "exp") {
			continue
		}
		text := "the date " + f.Name + " is in the past"
		var waiting []*Channel
		switch f.Name {
		case "task.exp":
			text = "the date of the stream's task (task.exp) is in the past: such a task is run again at once"
			waiting = []*Channel{&s.Request, &s.Response}
		case "req.an_exp":
			text = "the time of the request's analysers (req.an_exp) is over"
			waiting = []*Channel{&s.Request}
		case "res.an_exp":
			text = "the time of the response's analysers (res.an_exp) is over"
			waiting = []*Channel{&s.Response}
		case "conn_exp":
			text = "the time for the connection (conn_exp) is over"
		}
		more, facts := s.waitFor(waiting)
		say(text+more, append([]Fact{{f}}, facts...)...)
	}
}

// waitFor says what a date of some channels is for: their analysers, and filters.
func (s *Stream) waitFor(channels []*Channel) (text string, facts []Fact) {
	var pending []string
	for _, ch := range channels {
		if names := ch.Pending(); len(names) > 0 {
			pending = append(pending, names...)
			facts = append(facts, ch.Analysers)
		}
	}
	if len(pending) > 0 {
		text = "; pending: " + strings.Join(pending, ", ")
	}
	if len(channels) > 0 && len(s.Filters) > 0 {
		text += "; filters: " + s.fewFilters()
		facts = append(facts, s.any("filters"))
	}
	return text, facts
}

// timeoutStruck sees timeouts that a channel keeps noted.
func timeoutStruck(ch *Channel, say sayer) {
	for _, k := range [...]struct{ flag, what string }{
		{"CF_READ_TIMEOUT", "for reading"}, {"CF_WRITE_TIMEOUT", "for writing"}, {"CF_ANA_TIMEOUT", "of the analysers"},
	} {
		if w, _ := has([]Fact{ch.flags}, k.flag); w.Known() {
			say(fmt.Sprintf("the timeout %s of the %s channel has struck (%s)", k.what, ch.Name, k.flag), w)
		}
	}
}

// A stage through which the stream went that often, and that much more often than
// through any other, is where it goes round. They are counted from the stream's start.
const (
	manyPasses = 100_000
	moreThan   = 10
)

// passes looks at how often process_stream() went through its stages (src/stream.c). A
// connection that lasts for days has many, so only in a spin.
func passes(s *Stream, say sayer) {
	stages := [...]struct{ name, what string }{
		{"p_con", "connecting"}, {"p_stc", "the connectors"}, {"p_req", "the request's analysers"}, {"p_res", "the response's analysers"}, {"p_prp", "passing on what happened"},
	}
	var most, next int64
	var where int
	for i, st := range stages {
		n, _ := s.any(st.name).number()
		if n > most {
			most, next, where = n, most, i
		} else {
			next = max(next, n)
		}
	}
	if most >= manyPasses && most/moreThan >= next {
		say(fmt.Sprintf("the stream went %s times through %s (%s), and %s times at most through any other stage",
			thousands(most), stages[where].what, stages[where].name, thousands(next)), s.any(stages[where].name))
	}
}
