//go:build !linux

package watch

import "context"

// wake has no hints here: scans find what there is.
func (d *coreDirs) wake(context.Context, chan<- struct{}) {}
