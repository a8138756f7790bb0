package analyze

import (
	"fmt"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

// judging gives crashes their verdicts and hands them on, in their order, while the input is
// read on (docs/decisions/0005-goroutines.md).
type judging struct {
	o       Options
	sink    Sink
	adviser *advice.Adviser // nil without knowledge
	// program names printed traces; nil if no executable was given, or it could not
	// be opened.
	program *program

	queue chan *crash.Crash // nil before the first crash
	ended chan struct{}
	// broken is closed when the sink took no more; stop says why, from then on.
	broken chan struct{}
	stop   error

	// What came of it; read when it has ended.
	crashes, foreign int
	incomplete       bool
	failed           []error
}

// waiting is how many crashes may wait for their verdict.
const waiting = 64

// add takes a crash. The error is that of the sink for an earlier one.
func (j *judging) add(c *crash.Crash) error {
	if j.queue == nil {
		j.queue, j.ended, j.broken = make(chan *crash.Crash, waiting), make(chan struct{}), make(chan struct{})
		go j.run()
	}
	select {
	case <-j.broken:
		return j.stop
	case j.queue <- c:
		return nil
	}
}

func (j *judging) run() {
	defer close(j.ended)
	for c := range j.queue {
		if j.stop != nil {
			continue
		}
		if j.stop = j.give(c); j.stop != nil {
			close(j.broken)
		}
	}
}

// end waits for the crashes that were added, and adds up what came of them.
func (j *judging) end(res *Result) error {
	if j.queue == nil {
		return nil
	}
	close(j.queue)
	<-j.ended
	res.Crashes, res.Foreign = j.crashes, j.foreign
	res.Incomplete = res.Incomplete || j.incomplete
	res.Failed = append(res.Failed, j.failed...)
	return j.stop
}

// give judges a crash and hands it on. A bug of ours that this meets costs the crash, and
// no other.
func (j *judging) give(c *crash.Crash) error {
	name, foreign := inputOf(c), c.Verdict != nil // only what is not HAProxy's has one already
	err := fault.Catch(func() error {
		j.judge(c)
		if err := j.sink(c); err != nil {
			return errSink{err}
		}
		return nil
	})
	switch {
	case fault.Of(err) != nil:
		if name != "" {
			err = fmt.Errorf("%s: %w", name, err)
		}
		j.failed = append(j.failed, err)
		j.incomplete = true
		return nil
	case err != nil:
		return err
	}
	j.crashes++
	if foreign {
		j.foreign++
	}
	return nil
}

// inputOf is the input that tells most of a crash, "" if it does not say.
func inputOf(c *crash.Crash) string {
	for _, e := range c.Evidence {
		if e.Source != "" {
			return e.Source
		}
	}
	return ""
}

// judge gives a joined crash its verdict.
func (j *judging) judge(c *crash.Crash) {
	j.version(c)
	j.namePrinted(c)
	ending.Settle(c)
	releases(c)
	c.Differences = streamdump.Compare(c.Stream, c.Objects)
	streamdump.NameFlags(c)
	c.Observations = streamdump.Observe(c)
	c.Fingerprint, c.Strength = classify.Fingerprint(c)
	j.misfits(c)
	if j.o.Knowledge != nil && c.Verdict == nil { // a core of another program has one
		v := j.o.Knowledge.Classify(c)
		c.Verdict = &v
	}
	askForVersion(c)
	if j.adviser != nil {
		c.Verdict.Next = j.adviser.Next(c)
	}
	if len(c.Missing) > 0 {
		j.incomplete = true
	}
}
