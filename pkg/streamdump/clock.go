package streamdump

import (
	"fmt"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
)

// pastDates sees expired dates. They stand out in a spin only: in a thread that was
// stuck for seconds every date passes.
func pastDates(s *stream, say func(string, ...*crash.Field)) {
	if !s.spinsAny() {
		return
	}
	for _, f := range s.order {
		if f.Value != "<PAST>" || !strings.HasSuffix(f.Name, "exp") {
			continue
		}
		text, fields := "the date "+f.Name+" is in the past", []*crash.Field{f}
		var channels []*channel
		switch f.Name {
		case "task.exp":
			text = "the date of the stream's task (task.exp) is in the past: such a task is run again at once"
			channels = []*channel{&s.request, &s.response}
		case "req.an_exp":
			text = "the time of the request's analysers (req.an_exp) is over"
			channels = []*channel{&s.request}
		case "res.an_exp":
			text = "the time of the response's analysers (res.an_exp) is over"
			channels = []*channel{&s.response}
		case "conn_exp":
			text = "the time for the connection (conn_exp) is over"
		}
		var pending []string
		for _, ch := range channels {
			if names := ch.pending(); len(names) > 0 {
				pending = append(pending, names...)
				fields = append(fields, ch.analysers)
			}
		}
		if len(pending) > 0 {
			text += "; pending: " + strings.Join(pending, ", ")
		}
		if names := s.filters(); len(channels) > 0 && len(names) > 0 {
			text += "; filters: " + strings.Join(names, ", ")
			fields = append(fields, s.fields["filters"])
		}
		say(text, fields...)
	}
}

// timeoutStruck sees timeouts that a channel keeps noted.
func timeoutStruck(s *stream, say func(string, ...*crash.Field)) {
	for _, ch := range []*channel{&s.request, &s.response} {
		for _, k := range [...]struct{ flag, what string }{
			{"CF_READ_TIMEOUT", "for reading"}, {"CF_WRITE_TIMEOUT", "for writing"}, {"CF_ANA_TIMEOUT", "of the analysers"},
		} {
			if w, _ := ch.has(k.flag); w != nil {
				say(fmt.Sprintf("the timeout %s of the %s channel has struck (%s)", k.what, ch.name, k.flag), w)
			}
		}
	}
}

// A stage through which the stream went that often, and that much more often than
// through any other, is where it goes round. They are counted from the stream's start.
const (
	manyPasses = 100_000
	moreThan   = 10
)

// passes looks at how often process_stream() went through its stages (src/stream.c).
func passes(s *stream, say func(string, ...*crash.Field)) {
	if !s.spinsAny() {
		return // a connection that lasts for days has many
	}
	stages := [...]struct{ name, what string }{
		{"p_con", "connecting"}, {"p_stc", "the connectors"}, {"p_req", "the request's analysers"}, {"p_res", "the response's analysers"}, {"p_prp", "passing on what happened"},
	}
	var most, next int64
	var where int
	for i, st := range stages {
		n, ok := number(s.fields[st.name])
		if !ok {
			continue
		}
		if n > most {
			most, next, where = n, most, i
		} else {
			next = max(next, n)
		}
	}
	if most >= manyPasses && most/moreThan >= next {
		say(fmt.Sprintf("the stream went %s times through %s (%s), and %s times at most through any other stage",
			thousands(most), stages[where].what, stages[where].name, thousands(next)), s.fields[stages[where].name])
	}
}
