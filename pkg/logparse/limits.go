package logparse

// Caps. A panic of 1024 threads has some 30 lines a thread, in all 3 MB.
const (
	maxReportLines = 64 << 10
	maxReportBytes = 8 << 20
	maxOpenBytes   = 16 << 20 // of all that is open
	maxText        = 64 << 10 // bytes of Crash.Text
	maxEvidenceLen = 300      // bytes of Evidence.Text
	maxEvidence    = 64       // of one part
	maxThreads     = 4096
	maxFrames      = 256 // of one trace
	maxFields      = 512 // of one stream dump or thread
	maxValue       = 2048
	maxLuaBytes    = 16 << 10
	maxPointers    = 16
	maxStreams     = 1024 // with something open
	maxQueued      = 1024 // parts that wait for what began before them
	maxFeatures    = 256
	maxModules     = 512 // lines between the headline of systemd-coredump and the stack
	// maxLine is the size of the pieces in which longer lines come, as in scan.
	maxLine = 128 << 10
)

// When a report is over: so many lines, or bytes, of others came since its last one.
const (
	idleLines = 200
	idleBytes = 64 << 10
	// An entry of journalctl -o export or verbose has some 30 lines.
	multiLine = 16
)
