// Package sig is the form of a signature: what one curated file of known bugs
// says, read strictly from YAML with a position for every complaint. It knows
// which keys a signature may have and what makes one sound; whether a crash fits
// is decided elsewhere. It stands apart from package classify so that the
// generator, which turns the YAML into Go, need not import what it generates.
package sig
