package signatures

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Entry is a signature and where its keys stand.
type Entry struct {
	Signature
	places map[string]Place
}

// Place is where something stands in a file. Line and Col count from 1.
type Place struct{ Line, Col int }

// at is where a key stands: "fix", "require.condition", "require.any_of.0.top",
// "versions.fixed.3.2". Of one that has no place of its own, such as the branch of
// a bare version, it is that of the key around it. Of a signature that was not read
// from a file it is the zero Place.
func (e *Entry) at(path string) Place {
	for path != "" {
		if p, ok := e.places[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return e.places["id"]
}

func placeOf(n ast.Node) Place {
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil {
			return Place{t.Position.Line, t.Position.Column}
		}
	}
	return Place{1, 1}
}
