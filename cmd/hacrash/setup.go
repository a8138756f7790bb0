package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haconf"
)

// setupFlags say what is known of the HAProxy at hand besides its version.
type setupFlags struct {
	configs []string
	vv      string
}

func (f *setupFlags) add(fl *pflag.FlagSet) {
	fl.StringArrayVar(&f.configs, "config", nil, "leave out what the configuration in `FILE` cannot reach; of a directory its *.cfg, - is stdin (may be repeated)")
	fl.StringVar(&f.vv, "vv", "", "leave out what is not built in, by the output of haproxy -vv in `FILE` (- is stdin)")
}

// stdin says that one of them is stdin.
func (f *setupFlags) stdin() bool { return f.vv == "-" || slices.Contains(f.configs, "-") }

// maxBuildText bounds the output of haproxy -vv, which has some 10 kB.
const maxBuildText = 1 << 20

// read reads what is named; what is not is nil.
func (f *setupFlags) read(p *program) (s haconf.Setup, err error) {
	if f.vv == "-" && slices.Contains(f.configs, "-") {
		return s, usageError{errors.New("--config and --vv cannot both be stdin")}
	}
	if f.vv != "" {
		text, err := p.small(f.vv, maxBuildText)
		if err != nil {
			return s, err
		}
		b, err := haconf.ParseBuild(string(text))
		if err != nil {
			return s, fmt.Errorf("%s: %w", f.vv, err)
		}
		s.Build = &b
	}
	if len(f.configs) > 0 {
		s.Config, err = haconf.Read(f.configs, p.stdin, sentences.Words())
	}
	return s, err
}
