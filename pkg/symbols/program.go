package symbols

import (
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// OfModule makes an Image of a module that was opened without a core, with all
// debug data that can be found for it.
func OfModule(m *module.Module) *Image {
	f := m.File()
	files := files{File: f, Debug: m.Debug(), Alternate: m.Alternate(), Mini: m.Mini()}
	return newImage(files, unwind.NewTable(f, m.Debug), true)
}
