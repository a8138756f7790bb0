package value

import (
	"errors"
	"testing"
)

// memory is of one byte over and over.
type memory byte

func (m memory) ReadMemory(b []byte, _ uint64) (int, error) {
	for i := range b {
		b[i] = byte(m)
	}
	return len(b), nil
}

// Words that a small core has instead of others are no values.
func TestRedacted(t *testing.T) {
	for text, want := range map[string]bool{
		"\xbd\xbd\xbd\xbd\xbd\xbd\xbd\xbd": true, "\xbd\xbd\xbd\xbd": true, "\xbd\xbd": false, "\xbd\xbd\xbd\x00": false, "GET ": false, "": false,
	} {
		if got := redacted([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	for b, want := range map[memory]error{0xbd: ErrRedacted, 'a': nil} {
		if text, err := (&Space{Memory: b}).text(0x1000); !errors.Is(err, want) {
			t.Errorf("%.20q, %v", text, err)
		}
		v := Value{space: &Space{Memory: b}, addr: 0x1000}
		if n, err := v.number(8); !errors.Is(err, want) {
			t.Errorf("%#x, %v", n, err)
		}
	}
}
