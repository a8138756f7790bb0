package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/classify"
	"github.com/hacrash/hacrash/pkg/crash"
)

// release is the version of this source tree.
const release = "0.1.0-dev"

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and the date of the knowledge",
		Long: `Prints the version of hacrash and of the compiler that built it, how many signatures
are built in, and up to which commit of HAProxy, of which day, it knows HAProxy's
fixes. hacrash bugs update brings newer ones.`,
		Example: `  hacrash version`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			db := classify.Load()
			k := db.Knowledge()
			_, err := fmt.Fprintf(p.stdout, "hacrash %s (%s %s/%s)\nknowledge: %d signatures, HAProxy up to %s of %s\n",
				versionString(), runtime.Version(), runtime.GOOS, runtime.GOARCH, k.Signatures, k.Commit, k.Date)
			return err
		},
	}
}

// toolOf is this program, with what it knows.
func toolOf(db *classify.DB) *crash.Tool {
	k := db.Knowledge()
	return &crash.Tool{Version: versionString(), Knowledge: &k}
}

// versionString is the release, with the commit when the build knows it.
func versionString() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 10 {
			return release + "-" + s.Value[:10]
		}
	}
	return release
}
