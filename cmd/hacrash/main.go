// Command hacrash reads what a crashed HAProxy leaves behind, log lines and
// ELF cores, and says what happened, whether the bug is known, whether the
// version at hand has the fix, and what to do.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
