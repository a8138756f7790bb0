package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/haproxytest"
	"github.com/hacrash/hacrash/pkg/report"
)

// TestReportsOfLoadedHAProxy: a HAProxy that is full of secrets dies under load; no report of
// its core, in any format, holds a piece of one.
func TestReportsOfLoadedHAProxy(t *testing.T) {
	if testing.Short() {
		t.Skip("crashes HAProxy")
	}
	o, secrets := haproxytest.Loaded(t, haproxytest.Options{})
	for _, end := range []string{"debug dev panic", "debug dev tkill 2 11"} {
		p := haproxytest.Start(t, o)
		stop := p.Load(secrets, false)
		p.CLI("expert-mode on; " + end)
		stop()
		p.Wait()
		for _, format := range report.Formats() {
			for _, more := range [][]string{{"--full", "--threads", "all", "--locals"}, {"--group"}} {
				var out, errs bytes.Buffer
				args := append([]string{"analyze", "--debuginfod", "off", "-f", format}, append(more, p.Core())...)
				if code := Run(t.Context(), args, strings.NewReader(""), &out, &errs); code != exitOK || out.Len() == 0 {
					t.Fatal(args, code, errs.String())
				}
				for name, n := range secrets.In(out.Bytes()) {
					t.Errorf("%s: %v: %s is left, %d times", end, args[3:len(args)-1], name, n)
				}
			}
		}
	}
}
