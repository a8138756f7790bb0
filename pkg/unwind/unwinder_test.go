package unwind

import (
	"testing"

	"github.com/hacrash/hacrash/internal/coretest"
)

// TestFrameInfoInDebugFile: the executable has call frame information of its
// start-up code only; that of the rest was moved to the debug file.
func TestFrameInfoInDebugFile(t *testing.T) {
	flags := []string{"-fno-asynchronous-unwind-tables", "-fno-unwind-tables"}
	want := walk(t, coretest.Program{Source: "inlines", Variant: coretest.Plain()}, "")
	for name, d := range map[string]coretest.Debug{"in the file": coretest.InExe, "beside it": coretest.Beside, "by build-id": coretest.BuildIDDir} {
		got := walk(t, coretest.Program{Source: "inlines", Variant: coretest.Variant{Name: "debug-frame", Flags: flags, Debug: d}}, "")
		if !got.Whole || len(got.Frames) != len(want.Frames) {
			t.Errorf("%s: %d frames, %s; want %d", name, len(got.Frames), got.Reason, len(want.Frames))
		}
		for i, f := range got.Frames[1:] {
			if f.Trust != CFI {
				t.Errorf("%s: frame %d is %s", name, i+1, f.Trust)
			}
		}
	}
}
