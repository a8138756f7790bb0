package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/debuginfod"
	"github.com/hacrash/hacrash/pkg/module"
)

// fileFlags say where the files are that a core was made of.
type fileFlags struct {
	exe, sysroot, debuginfod string
	debugDirs                []string
	libDebug                 bool
	names                    string
}

func (f *fileFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.exe, "exe", "", "the executable that left the core, `FILE`; its build-id must agree")
	fl.StringVar(&f.sysroot, "sysroot", "", "`DIRECTORY` that holds the files of the machine or container of the crash")
	fl.StringArrayVar(&f.debugDirs, "debug-dir", nil, "`DIRECTORY` with debug files below .build-id, beside /usr/lib/debug (may be repeated)")
	fl.StringVar(&f.debuginfod, "debuginfod", "", "`URL` of servers to fetch missing files from, or off (default: DEBUGINFOD_URLS of the environment)")
	fl.StringVar(&f.names, "names", "matched", "names for the static functions of a stripped executable: matched (by their likeness to known builds, printed with a question mark), off")
	fl.BoolVar(&f.libDebug, "lib-debug", false, "read the debug data of libraries as well: inlined calls, lines and arguments, for some time more")
}

// options makes the options of module; done must be called after use.
func (f *fileFlags) options(m *analyze.Meter) (o module.Options, done func(), err error) {
	o = module.Options{Executable: f.exe, Sysroot: f.sysroot, DebugDirs: f.debugDirs, LibraryDebug: f.libDebug}
	if err := o.Check(); err != nil {
		return o, nil, err
	}
	if err := oneOf("names", f.names, "matched", "off"); err != nil {
		return o, nil, err
	}
	urls := f.debuginfod
	if urls == "" {
		urls = os.Getenv("DEBUGINFOD_URLS")
	}
	if urls == "" || urls == "off" {
		return o, func() {}, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	client, err := debuginfod.New(debuginfod.Options{
		URLs:     debuginfod.Servers(urls),
		CacheDir: filepath.Join(cache, "debuginfod_client"),
		Proxy:    http.ProxyFromEnvironment,
		Progress: m.Fetch,
	})
	if err != nil {
		return o, nil, usageError{fmt.Errorf("--debuginfod: %w", err)}
	}
	o.Debuginfod = client
	return o, client.Close, nil
}
