//go:build !linux

package scan

import "os"

// GrowPipe does nothing: only Linux lets a pipe be grown.
func GrowPipe(*os.File) {}
