// Command hacrash reads what a crashed HAProxy leaves behind, log lines and
// ELF cores, and says what happened, whether the bug is known, whether the
// version at hand has the fix, and what to do.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long the work may take to end after an interrupt. A read from a
// pipe that gives nothing cannot be ended otherwise.
const grace = 2 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second interrupt ends the program at once
		time.Sleep(grace)
		os.Exit(exitFailed)
	})
	os.Exit(Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
