package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/hacrash/hacrash/pkg/analyze"
)

// chooseFlags are the options that say which crashes are wanted.
type chooseFlags struct {
	since, until string
	hosts        []string
	pids         []int
	last         int
}

func (f *chooseFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.since, "since", "", "crashes from `TIME` on: 2025-02-10 09:12, 36h, 3d, yesterday")
	fl.StringVar(&f.until, "until", "", "crashes up to `TIME`")
	fl.IntVar(&f.last, "last", 0, "the last `N` crashes, by their times")
	fl.StringArrayVar(&f.hosts, "host", nil, "crashes of the host `NAME`, or of a pattern of names (may be repeated)")
	fl.IntSliceVar(&f.pids, "pid", nil, "crashes of the process `PID` (may be repeated)")
}

// choice reads the options.
func (f *chooseFlags) choice(now time.Time) (c analyze.Choice, err error) {
	for _, bound := range []struct {
		option, text string
		to           *analyze.Moment
	}{{"since", f.since, &c.Since}, {"until", f.until, &c.Until}} {
		if bound.text == "" {
			continue
		}
		if *bound.to, err = analyze.ParseMoment(bound.text, now); err != nil {
			return c, usageError{fmt.Errorf("--%s %s: %w", bound.option, bound.text, err)}
		}
	}
	if f.last < 0 || f.last > maxLast {
		return c, usageError{fmt.Errorf("--last %d: take a number from 1 to %d", f.last, maxLast)}
	}
	c.Hosts, c.PIDs, c.Last = f.hosts, f.pids, f.last
	return c, nil
}

// maxLast crashes may wait for the end of the input.
const maxLast = 1000
