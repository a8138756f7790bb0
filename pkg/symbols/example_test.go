package symbols_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// From a core to the stack of the thread that died. Where the file of a module is not at
// hand a frame has no function, and the place in the module is what is left.
func ExampleSymbolizer_Stack() {
	packed, err := os.Open("../../testdata/cores/threads.core.zst")
	if err != nil {
		log.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := zstd.NewReader(packed)
	if err != nil {
		log.Fatal(err)
	}
	defer unpacked.Close()
	core, err := elfcore.OpenStream(context.Background(), unpacked, elfcore.StreamOptions{})
	if err != nil {
		log.Fatal(err)
	}
	nothing, err := os.MkdirTemp("", "sysroot")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(nothing)
	modules := module.New(context.Background(), core, module.Options{Sysroot: nothing})
	defer modules.Close()

	stack := unwind.New(core, modules).Thread(&core.Threads[0])
	for i, f := range symbols.New(core, modules, symbols.Options{}).Stack(stack) {
		m := modules.Find(f.Address)
		fmt.Printf("#%d %q %s+%#x\n", i, f.Function, m.Path, f.Address-m.Start)
	}
	// Output: #0 "" /tmp/hacrash-cores/threads+0x1179
}
