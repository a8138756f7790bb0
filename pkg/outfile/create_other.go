//go:build !linux

package outfile

func nameless(name string, data []byte) error { return createBeside(name, data) }
