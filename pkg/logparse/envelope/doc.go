// Package envelope knows what logging systems put around a line of text, and
// nothing of the text itself.
package envelope
