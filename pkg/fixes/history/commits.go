package history

import (
	"encoding/hex"
	"errors"
	"slices"
	"sort"
	"strings"

	"github.com/hacrash/hacrash/pkg/fixes"
)

// masterOfIndex takes master from an index, where there is no clone of it: eight
// digits of each commit, all of a fix and the mark of its subject.
func (m *importer) masterOfIndex() error {
	if m.From == nil {
		return errors.New("neither a clone of HAProxy nor an index to add to is given")
	}
	old, err := m.From.Content()
	if err != nil {
		return err
	}
	content := *old
	content.Tables = slices.Clone(old.Tables)
	m.content = &content
	m.master = make([]commit, len(old.Order)/4)
	for i := range m.master {
		m.master[i].hash = hex.EncodeToString(old.Order[4*i : 4*i+4])
	}
	m.byTitle = make(map[uint32]int, len(old.Fixes))
	for i := range old.Fixes {
		f := &old.Fixes[i]
		m.master[f.Position] = commit{hash: f.Commit, seconds: f.Date.Unix()}
		m.title(f.Mark, f.Position)
	}
	m.sortByHash()
	return nil
}

// title notes the mark of a subject.
func (m *importer) title(mark uint32, i int) {
	if _, ok := m.byTitle[mark]; ok {
		i = -1
	}
	m.byTitle[mark] = i
}

func (m *importer) sortByHash() {
	m.byHash = make([]int, len(m.master))
	for i := range m.byHash {
		m.byHash[i] = i
	}
	sort.Slice(m.byHash, func(i, j int) bool { return m.master[m.byHash[i]].hash < m.master[m.byHash[j]].hash })
}

// knownDigits is how much is known of the hash of each commit.
const knownDigits = 8

// find gives the place in master of a commit by the first digits of its hash, else
// by its subject; -1 when there is none. Of several that begin with the digits the
// subject decides.
func (m *importer) find(hash, subject string) int {
	head := hash[:min(len(hash), knownDigits)]
	found, n := -1, 0
	for i := sort.Search(len(m.byHash), func(i int) bool { return m.master[m.byHash[i]].hash >= head }); hash != "" && i < len(m.byHash); i++ {
		known := m.master[m.byHash[i]].hash
		if !strings.HasPrefix(known, head) {
			break
		}
		if strings.HasPrefix(known, hash) || strings.HasPrefix(hash, known) {
			found, n = m.byHash[i], n+1
		}
	}
	if n == 1 {
		return found
	}
	if subject == "" {
		return -1
	}
	if i, ok := m.byTitle[fixes.MarkOf(subject)]; ok {
		return i
	}
	return -1
}
