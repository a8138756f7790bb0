package elfcore_test

import (
	"bytes"
	"fmt"
	"log"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/hacrash/hacrash/pkg/elfcore"
)

// A core in memory, its signal, and a word of the memory of the process that died.
func ExampleOpen() {
	packed, err := os.ReadFile("../../testdata/cores/threads.core.zst")
	if err != nil {
		log.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()
	data, err := d.DecodeAll(packed, nil)
	if err != nil {
		log.Fatal(err)
	}

	core, err := elfcore.Open(bytes.NewReader(data), int64(len(data)), elfcore.Options{})
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
