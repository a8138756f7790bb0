package elfcore_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// A compressed core, its signal, and a word of the memory of the process that died.
func ExampleOpenStream() {
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

	fmt.Println(core.Machine, len(core.Threads), "threads, signal", core.Signal.Number, "at", core.Signal.Address)

	died := &core.Threads[0]
	word := make([]byte, 8)
	if _, err := core.ReadMemory(word, died.Registers.SP()); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the stack is there:", core.Mapping(died.Registers.PC()).Path != "")
	// Output:
	// x86_64 3 threads, signal 11 at 8
	// the stack is there: true
}
