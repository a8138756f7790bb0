//go:build !unix

package outfile

// writable is found out when the file is made.
func writable(string) error { return nil }
