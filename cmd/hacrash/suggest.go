package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// near is how many letters a word may be wrong by, for cobra to suggest what was meant.
const near = 2

// meant adds to an error of cobra's what the user may have meant.
func meant(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if name := nearestFlag(cmd, unknown.GetSpecifiedName()); name != "" {
			err = fmt.Errorf("%w; did you mean --%s?", err, name)
		}
	}
	return usageError{err}
}

// nearestFlag lets cobra look for a flag as it does for commands.
func nearestFlag(cmd *cobra.Command, name string) string {
	flags := &cobra.Command{SuggestionsMinimumDistance: near}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	if found := flags.SuggestionsFor(name); len(found) > 0 && len(name) > near {
		return found[0]
	}
	return ""
}

// commandsOnly takes no arguments but the names of commands: it says which one was meant. A file is
// one for hacrash analyze.
func commandsOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := args[0]
	cmd.SuggestionsMinimumDistance = near
	if found := cmd.SuggestionsFor(name); len(found) > 0 {
		return fmt.Errorf("%s: no such command; did you mean %s %s?", name, cmd.CommandPath(), found[0])
	}
	if _, err := os.Stat(name); !cmd.HasParent() && (err == nil || strings.ContainsAny(name, "/.")) {
		return fmt.Errorf("%s: no command given; hacrash analyze %s says what is in it", name, name)
	}
	return fmt.Errorf("%s: no such command; %s --help lists them", name, cmd.CommandPath())
}
