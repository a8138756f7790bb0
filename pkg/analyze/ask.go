package analyze

import (
	"context"
	"fmt"
	"slices"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/value"
)

// Question is something that may be asked of a core.
type Question struct {
	// What is its name, Argument what it takes, Says what it shows.
	What, Argument, Says string

	answer func(*asking, []string) error
}

// Questions are all that may be asked.
func Questions() []Question {
	return []Question{
		{"threads", "", "the context of every thread", askWalk((*objects.Process).Threads)},
		{"streams", "", "all streams; --flag, --frontend, --backend and --applet choose", askWalk((*objects.Process).Streams)},
		{"stream", "ADDRESS", "one stream and all that hangs on it", askOne((*objects.Process).Stream)},
		{"applet", "ADDRESS", "one applet and the stream that it serves", askOne((*objects.Process).Applet)},
		{"tasks", "", "tasks and tasklets that wait for a time or for their turn", askWalk((*objects.Process).Tasks)},
		{"task", "ADDRESS", "one task", askOne((*objects.Process).Task)},
		{"proxies", "", "all proxies", askWalk((*objects.Process).Proxies)},
		{"servers", "[PROXY]", "the servers of a proxy, or of all", askServers},
		{"fds", "", "file descriptors that have an owner", askWalk((*objects.Process).FDs)},
		{"pools", "", "memory pools and how much of each is in use", askWalk((*objects.Process).Pools)},
		{"memprof", "", "what memory profiling counted", askWalk((*objects.Process).Memprof)},
		{"list", "ADDRESS", "the links of a list, from its head", askLinks(value.Links, "list")},
		{"tree", "ADDRESS", "the leaves of a tree, from its root", askLinks(value.Leaves, "tree")},
		{"counters", "", "failed assertions, glitches and what else HAProxy's code counted", askReport(counterObjects)},
		{"rings", "", "buffers of messages", askReport(ringObjects)},
		{"postmortem", "", "platform, limits and components, as HAProxy keeps them for this", askReport(postMortemObjects)},
		{"functions", "", "functions without a symbol, and what they are alike", askFunctions},
		{"modules", "", "the executable and the libraries", askModules},
		{"memory", "ADDRESS LENGTH", "bytes of memory; text in it is hidden unless --no-redact is given", askMemory},
	}
}

// Query is what somebody asks of a core.
type Query struct {
	// What is the name of a Question, Arguments what it takes.
	What      string
	Arguments []string
	// Only objects with this flag, frontend, backend, applet or name are wanted; empty
	// for any.
	Flag, Frontend, Backend, Applet, Name string
	// Limit is how many are wanted at most; 0 for all.
	Limit int
	// Redact says what may stay of secrets.
	Redact redact.Options
}

// QueryError says that a question cannot be asked so, whatever the core holds.
type QueryError struct{ error }

func queryErrorf(format string, args ...any) error { return QueryError{fmt.Errorf(format, args...)} }

// question finds what is asked.
func (q *Query) question() (Question, error) {
	all := Questions()
	i := slices.IndexFunc(all, func(i Question) bool { return i.What == q.What })
	if i < 0 {
		return Question{}, queryErrorf("inspect %s: not known; hacrash help inspect lists what is", q.What)
	}
	return all[i], nil
}

// Check says that there is no such question.
func (q *Query) Check() error {
	_, err := q.question()
	return err
}

// Answer takes what a core holds. What it is given has been redacted, and an error
// ends the work.
type Answer interface {
	// Object takes one of the objects asked for.
	Object(*crash.Object) error
	// Broken takes where a list does not hold together, and why.
	Broken(string) error
	// Line takes a line of what is no object.
	Line(string) error
}

// asking is a question while it is answered.
type asking struct {
	*inspection
	Query
	ctx context.Context
	out Answer
	n   int // objects given
	// options are those of a whole report.
	options Options
}

// Ask answers a question about the one core that o names.
func Ask(ctx context.Context, o Options, q Query, to Answer) error {
	question, err := q.question()
	if err != nil {
		return err
	}
	return inspect(ctx, o, func(in *inspection) error {
		return question.answer(&asking{inspection: in, Query: q, ctx: ctx, out: to, options: o}, q.Arguments)
	})
}
