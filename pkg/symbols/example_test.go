package symbols_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/symbols"
	"github.com/hacrash/hacrash/pkg/unwind"
)

// From a core to the names on the stack of the thread that died.
func ExampleSymbolizer_Stack() {
	file, err := os.Open("core.1234")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		log.Fatal(err)
	}
	core, err := elfcore.Open(file, st.Size(), elfcore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	modules := module.New(context.Background(), core, module.Options{Executable: "/usr/sbin/haproxy"})
	defer modules.Close()

	stack := unwind.New(core, modules).Thread(&core.Threads[0])
	for i, f := range symbols.New(core, modules, symbols.Options{}).Stack(stack) {
		fmt.Printf("#%d %s at %s:%d\n", i, f.Function, f.File, f.Line)
	}
}
