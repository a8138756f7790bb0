package watch

import (
	"context"
	"time"

	"github.com/hacrash/hacrash/pkg/crash"
)

// Options of a watch.
type Options struct {
	// Dir holds the reports and the state.
	Dir string
	// Journal is the journalctl that is run, with arguments; nil for none. Matches choose entries.
	Journal, Matches []string
	// Since is where the journal is begun that was not read before: "-10min" if empty.
	Since string
	// Files are logs that are followed, Kernel the kernel's ring: "" for none.
	Files  []string
	Kernel string
	// Globs are patterns of logs, which come and go with containers.
	Globs []string
	// Cores are directories in which cores appear.
	Cores []string
	// Formats are written beside JSON.
	Formats []string
	// Analyze gives the crashes of a text and cores, as they are joined, one after the other.
	Analyze func(ctx context.Context, text []byte, name string, cores []string, each func(*crash.Crash) error) error
	Tool    *crash.Tool
	// Burst is how many reports of a kind of crash are made at once, Each in which time one more;
	// PerHour is for all kinds together. Burst 0 is no limit.
	Burst   int
	Each    time.Duration
	PerHour int
	// Quiet is how long nothing telling must come before a crash counts as whole.
	Quiet time.Duration
	// Once reads what there is, and ends.
	Once bool
	// Announced is how long a core is waited for that is being written.
	Announced time.Duration
	// Storm is how long nothing must come before a storm is over.
	Storm time.Duration
	Hooks Hooks
	// Note is told what people should know.
	Note func(string)
	// Ready is called when the sources are open, Alive again and again from then on.
	Ready, Alive func()

	now func() time.Time // of tests
}

// withDefaults fills in what was not said.
func (o Options) withDefaults() Options {
	if o.Since == "" {
		o.Since = "-10min"
	}
	if o.Each == 0 {
		o.Each = 10 * time.Minute
	}
	if o.PerHour == 0 {
		o.PerHour = 30
	}
	if o.Quiet == 0 {
		o.Quiet = 2 * time.Second
	}
	if o.Announced == 0 {
		o.Announced = 2 * time.Minute
	}
	if o.Storm == 0 {
		o.Storm = 10 * time.Minute
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	if o.Ready == nil {
		o.Ready = func() {}
	}
	if o.Alive == nil {
		o.Alive = func() {}
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}
