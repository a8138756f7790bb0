package backtrace

// Caps on what one block may hold. HAProxy has at most 1024 threads; gdb prints
// as many frames as a runaway recursion made.
const (
	maxThreads   = 1024
	maxRoles     = 8     // stacks that are no threads
	maxFrames    = 256   // of one thread, innermost first
	maxAllFrames = 32768 // of all threads
	maxFrameText = 16 << 10
	maxFrameRows = 64 // lines of one wrapped frame
	maxArguments = 64
	maxValue     = 2048 // bytes of one argument
	maxMessages  = 16
	maxMessage   = 64 << 10
	maxForeign   = 50 // in a row, and blank lines count
	maxForeigns  = 200
	maxOdd       = 1 << 20 // bytes of foreign lines
	maxKept      = 8 << 20 // bytes of frames
	maxRepeat    = 1024    // of 'x' <repeats n times>
	maxLocals    = 24      // of one frame
	maxAllLocals = 8192    // of all frames
	maxMembers   = 128     // of one expression's value
	maxObjects   = 64      // expressions
	maxValueText = 32 << 10
	maxRegisters = 64
	maxModules   = 1024 // of a memory map
)
