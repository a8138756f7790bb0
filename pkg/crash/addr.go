package crash

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Addr is an address; in JSON a string such as "0x55aa10".
type Addr uint64

// String gives the address as HAProxy and gdb print it.
func (a Addr) String() string { return "0x" + strconv.FormatUint(uint64(a), 16) }

// MarshalJSON writes "0x…".
func (a Addr) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// UnmarshalJSON reads "0x…".
func (a *Addr) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("address: %w", err)
	}
	v, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return fmt.Errorf("address %q: not of the form 0x…", s)
	}
	*a = Addr(v)
	return nil
}
