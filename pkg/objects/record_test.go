package objects

import "testing"

// TestShortState has what HAProxy 3.0 prints of its states.
func TestShortState(t *testing.T) {
	for enumerator, want := range map[string]string{
		"H2_CS_PREFACE": "PRF", "H2_CS_SETTINGS1": "STG", "H2_CS_FRAME_H": "FRH", "H2_CS_FRAME_P": "FRP", "H2_CS_FRAME_A": "FRA", "H2_CS_FRAME_E": "FRE",
		"H2_CS_ERROR": "ERR", "H2_CS_ERROR2": "ER2", "H2_SS_IDLE": "IDL", "H2_SS_RLOC": "RSL", "H2_SS_RREM": "RSR", "H2_SS_OPEN": "OPN",
		"H2_SS_HREM": "HCR", "H2_SS_HLOC": "HCL", "H2_SS_ERROR": "ERR", "H2_SS_CLOSED": "CLO",
		"QC_SS_IDLE": "IDL", "QC_SS_OPEN": "OPN", "QC_SS_HLOC": "HCL", "QC_SS_HREM": "HCR", "QC_SS_CLO": "CLO",
		"SC_ST_EST": "", "H1_CS_RUNNING": "", "H2_CS_NEW": "", "": "", "_": "",
	} {
		if got := shortState(enumerator); got != want {
			t.Errorf("%s is %q, want %q", enumerator, got, want)
		}
	}
}
