// Gen compiles the sentences in *.yaml of a directory into one file. Run it by "go generate
// ./pkg/fixes/sentences".
package main

import (
	"fmt"
	"os"

	"github.com/hacrash/hacrash/pkg/fixes/sentences"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: gen DIRECTORY FILE")
	}
	list, err := sentences.ReadDir(os.DirFS(args[0]))
	if err != nil {
		return err
	}
	data, err := sentences.Encode(list)
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], data, 0o644)
}
