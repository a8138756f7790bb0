package analyze

import (
	"errors"
	"fmt"

	"github.com/hacrash/hacrash/pkg/crash"
)

// askFunctions lists the functions of a stripped executable that have no symbol.
func askFunctions(i *asking, _ []string) error {
	m := i.Modules.Main()
	im := i.names.Image(m)
	if im == nil {
		return errors.New("the executable is not at hand; pass it with --exe")
	}
	list := im.Nameless()
	if list == nil {
		return errors.New("the executable has symbols, or it is of no branch of HAProxy whose functions are known")
	}
	for _, f := range list {
		if i.Name != "" && i.Name != f.Name {
			continue
		}
		o := crash.Object{Role: "function", Type: "function", Address: crash.Addr(m.Runtime(f.Low)), Fields: []crash.Field{
			{Name: "module_offset", Value: crash.Addr(f.Low).String()}, {Name: "size", Value: fmt.Sprint(f.High - f.Low)},
		}}
		if f.Name != "" {
			o.Fields = append(o.Fields, crash.Field{Name: "matched", Value: f.Name + "?"},
				crash.Field{Name: "similarity", Value: fmt.Sprintf("%.2f", f.Similarity)}, crash.Field{Name: "margin", Value: fmt.Sprintf("%.2f", f.Margin)})
		}
		if f.Piece {
			o.Fields = append(o.Fields, crash.Field{Name: "piece", Value: "yes"})
		}
		if !i.give(o) {
			break
		}
	}
	return nil
}
