// Package bugs is the known bugs of HAProxy: a signature each, written in *.yaml, one
// file for a subsystem or an object, and compiled into the program. The form is that
// of package signatures; docs/signatures.md says how to add one.
//
// The package is hacrash's own and promises other programs nothing: any release may
// change it.
package bugs

import (
	"slices"

	"github.com/hacrash/hacrash/pkg/signatures"
)

//go:generate go run ../internal/gen . compiled.go

// All gives the signatures, by ID. The slice is the caller's; what the signatures
// hold must not be changed.
func All() []signatures.Signature { return slices.Clone(compiled[:]) }
