package unwind_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// The stack of the thread that died, with no file of that machine at hand: a chain that
// breaks says why.
func ExampleUnwinder_Thread() {
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
	for _, f := range stack.Frames {
		fmt.Printf("%s in %s\n", f.Trust, modules.Find(f.PC).Path)
	}
	fmt.Println(stack.Reason != "")
	// Output:
	// context in /tmp/hacrash-cores/threads
	// true
}
