package classify

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
)

// What gcc makes of a function is the function; addresses and names of libraries stay
// as they are.
func TestUsefulFunctions(t *testing.T) {
	var frames []crash.Frame
	for _, name := range []string{"ha_panic.part.0", "qc_handle_crypto_frm.isra.0", "qc_parse_pkt_frms.constprop.0.cold", "qc_parse_pkt_frms", "main+0x12", "", ".hidden", "main"} {
		frames = append(frames, crash.Frame{Function: name, Trust: crash.TrustCFI})
	}
	if got, want := usefulFunctions(frames), []string{"qc_handle_crypto_frm", "qc_parse_pkt_frms", ".hidden"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
