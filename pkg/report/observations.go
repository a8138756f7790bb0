package report

import (
	"github.com/hacrash/hacrash/pkg/crash"
)

// mostObservations are shown; JSON has all.
const mostObservations = 12

// observationTexts are what stands out in the stream at fault.
func observationTexts(c *crash.Crash, q quoter) []string {
	var texts []string
	for _, o := range c.Observations[:min(len(c.Observations), mostObservations)] {
		texts = append(texts, capital(q(o.Text)))
	}
	return texts
}

// observations prints them behind the facts and before the stacks.
func (s *textStream) observations(c *crash.Crash) {
	if len(c.Observations) == 0 {
		return
	}
	s.title("WHAT STANDS OUT in the stream")
	for _, text := range observationTexts(c, s.value) {
		s.hanging("  - ", "    ", text)
	}
}

// observations adds them to what is known of the cause.
func (s *markdownStream) observations(d *markdownDoc, c *crash.Crash) {
	if len(c.Observations) == 0 {
		return
	}
	d.put("\nWhat stands out in the stream:\n\n")
	for _, text := range observationTexts(c, prose) {
		d.put("- " + text + "\n")
	}
}
