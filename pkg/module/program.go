package module

import (
	"context"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/elffile"
)

// Program opens the executable of the options without a core: addresses are
// link-time ones. Close its file after use.
func Program(ctx context.Context, o Options) (*Module, error) {
	f, err := elffile.Open(o.Executable)
	if err != nil {
		return nil, err
	}
	s := &Set{ctx: ctx, core: &elfcore.Core{}, o: o, held: map[*elffile.File]*Module{}, mounts: mounts{file: mountInfo}}
	m := &Module{Module: &elfcore.Module{Path: o.Executable, BuildID: f.BuildID(), Main: true}, set: s, file: f, status: OK}
	m.asked = true
	s.Modules = []*Module{m}
	s.held[f] = m
	return m, nil
}

// Close ends the use of the module's files.
func (m *Module) Close() {
	for _, f := range append(m.split, m.file, m.debug, m.alt, m.mini) {
		if f != nil {
			_ = f.Close() // it was only read
		}
	}
}
