// Command hacrash reads what a crashed HAProxy leaves behind, log lines and
// ELF cores, and says what happened, whether the bug is known, whether the
// version at hand has the fix, and what to do.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// grace is how long the work may take to end after an interrupt. A read from a
// pipe that gives nothing cannot be ended otherwise.
const grace = 2 * time.Second

// smallHeap is the size of the heap, in percent of the 4 MB that Go allows before
// its first collection, up to which nothing is collected. A report of a core needs
// less in all its time, and one collection takes as long as half of it.
const smallHeap = 600

// collectLate puts the first collection off. From then on all is as usual, so that
// a long run, of logs or of a large core, takes no more memory for it.
func collectLate() {
	debug.SetGCPercent(smallHeap)
	first := new([32]byte) // gone at once, which the first collection finds out
	runtime.AddCleanup(first, func(percent int) { debug.SetGCPercent(percent) }, 100)
}

func main() {
	collectLate()
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // in no hurry: what interrupts us before it is ready ends the program as well
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
		<-interrupted
		signal.Stop(interrupted) // a second interrupt ends the program at once
		cancel()
		time.Sleep(grace)
		os.Exit(exitFailed)
	}()
	os.Exit(Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
