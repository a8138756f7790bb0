// Package join knows when two pieces of evidence speak of the same crash, and
// which of them to believe.
package join
