package crash

// Group is crashes with the same fingerprint: what a fleet counts.
type Group struct {
	Fingerprint string   `json:"fingerprint,omitempty"`
	Strength    Strength `json:"fingerprint_strength,omitempty"`
	Count       int      `json:"count"`
	Kind        Kind     `json:"kind,omitempty"`
	// What says what happened in the words of a report of Example, without the
	// numbers that differ from crash to crash.
	What string `json:"what,omitempty"`
	// FirstSeen and LastSeen are times as those of a Crash.
	FirstSeen string `json:"first_seen,omitempty"`
	LastSeen  string `json:"last_seen,omitempty"`
	// Undated is how many crashes have no time, or one in a form that cannot be
	// compared with FirstSeen and LastSeen.
	Undated int `json:"undated,omitempty"`
	// Hosts is how many there are; with MoreHosts there may be more.
	Hosts     int  `json:"hosts,omitempty"`
	MoreHosts bool `json:"more_hosts,omitempty"`
	// Versions has the most frequent one first, OtherVersions is how many crashes
	// are of versions that found no room in it.
	Versions      []GroupVersion `json:"versions,omitempty"`
	OtherVersions int            `json:"other_versions,omitempty"`
	// Verdicts has the most frequent one first, OtherVerdicts is how many crashes
	// have one that found no room in it.
	Verdicts      []GroupVerdict `json:"verdicts,omitempty"`
	OtherVerdicts int            `json:"other_verdicts,omitempty"`
	// Provoked is how many were crashed on purpose.
	Provoked int `json:"provoked,omitempty"`
	// Example is one of the crashes, from a core if one of them is.
	Example *GroupExample `json:"example,omitempty"`
}

// GroupVersion is a version of HAProxy, empty when it is not known, and how many
// crashes of a Group are of it.
type GroupVersion struct {
	Version string `json:"version,omitempty"`
	Count   int    `json:"count"`
}

// GroupVerdict is a verdict in short, with the match that fits best, and how many
// crashes of a Group have it.
type GroupVerdict struct {
	Count  int    `json:"count"`
	Status Status `json:"status,omitempty"`
	ID     string `json:"id,omitempty"`
	// Fix is HAProxy's master commit.
	Fix           string        `json:"fix,omitempty"`
	VersionStatus VersionStatus `json:"version_status,omitempty"`
	FixedIn       []string      `json:"fixed_in,omitempty"`
}

// Same says that another verdict counts as this one.
func (v GroupVerdict) Same(x GroupVerdict) bool {
	return x.Status == v.Status && x.ID == v.ID && x.VersionStatus == v.VersionStatus
}

// GroupExample says where one crash of a Group was read.
type GroupExample struct {
	// Input names the inputs, Where the line or address in the first one.
	Input []string `json:"input,omitempty"`
	Where string   `json:"where,omitempty"`
	PID   int      `json:"pid,omitempty"`
	Host  string   `json:"host,omitempty"`
	Time  string   `json:"time,omitempty"`
}
