package haproxytest

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"net/url"
	"slices"
)

// window is how many bytes of a secret make a leak.
const window = 8

// Secrets are what no file that is handed over may hold, in whatever encoding.
type Secrets struct {
	windows map[[window]byte]string // names
}

// text makes a secret of letters and digits.
func (s *Secrets) text(name string) string {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // never fails
	text := "S" + base64.RawURLEncoding.EncodeToString(b)
	text = string(bytes.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return 'x'
		}
		return r
	}, []byte(text)))
	s.Add(name, []byte(text))
	return text
}

// basic makes a password, and what a browser sends of it.
func (s *Secrets) basic(user string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + s.text("basic")))
}

func (s *Secrets) number(name string, n *big.Int) { s.Add(name, n.Bytes()) }

// Add names a secret.
func (s *Secrets) Add(name string, b []byte) {
	if s.windows == nil {
		s.windows = map[[window]byte]string{}
	}
	back := slices.Clone(b) // as limbs
	slices.Reverse(back)
	for _, one := range [][]byte{b, back} {
		forms := [][]byte{one, []byte(hex.EncodeToString(one)), bytes.ToUpper([]byte(hex.EncodeToString(one))), []byte(url.QueryEscape(string(one)))}
		for skip := range 3 {
			forms = append(forms, []byte(base64.RawStdEncoding.EncodeToString(one[skip:])), []byte(base64.RawURLEncoding.EncodeToString(one[skip:])))
		}
		for _, form := range forms {
			for i := range len(form) - window + 1 {
				s.windows[[window]byte(form[i:])] = name
			}
		}
	}
}

// In counts, by the name of the secret, the places of a file where eight bytes of one are.
func (s *Secrets) In(file []byte) map[string]int {
	found := map[string]int{}
	for i := range len(file) - window + 1 {
		if name := s.windows[[window]byte(file[i:])]; name != "" {
			found[name]++
		}
	}
	return found
}

// Around gives what stands around the first place of a secret.
func (s *Secrets) Around(file []byte, name string) []byte {
	const around = 40
	for i := range len(file) - window + 1 {
		if s.windows[[window]byte(file[i:])] == name {
			return file[max(0, i-around):min(len(file), i+window+around)]
		}
	}
	return nil
}
