package crash

import (
	"encoding/json"
	"testing"
)

// TestFrameAddress: an address of 0 is one where the pc is known, and none elsewhere.
func TestFrameAddress(t *testing.T) {
	for _, c := range []struct {
		frame Frame
		want  string
	}{
		{Frame{Trust: TrustContext, Lead: true}, `{"address":"0x0","lead":true,"trust":"context"}`},
		{Frame{Address: 16, Trust: TrustContext}, `{"address":"0x10","trust":"context"}`},
		{Frame{Function: "main", Trust: TrustCFI}, `{"function":"main","trust":"cfi"}`},
	} {
		got, err := json.Marshal(c.frame)
		if err != nil || string(got) != c.want {
			t.Errorf("%s, %v; want %s", got, err, c.want)
		}
	}
}
