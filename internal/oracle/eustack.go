package oracle

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
)

// EUStack returns what eu-stack makes of a core: with inlined functions, but no
// arguments, no frames of tail calls, and no mark at frames of signals. Sysroot is
// not heeded, for eu-stack has nothing like it. When it gives up within a stack,
// what it had until then is returned and Stop is set at the last thread.
func EUStack(t testing.TB, exe, core string, o Options) []Thread {
	t.Helper()
	coretest.Need(t, "eu-stack", "elfutils")
	dir := t.TempDir()
	// Folklore: a stack ends after 256 frames if nothing is said, and never if -n 0 is
	// said and the chain of frame pointers is a circle (elfutils 0.188, the program
	// deep with "loop"): memory is eaten up.
	args := []string{"-n", strconv.Itoa(maxFrames), "--inlines", "--source", "--module", "--raw", "--activation",
		"--debuginfo-path=" + euPath(o.debugPath(dir)), "--executable=" + exe, "--core=" + core}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "eu-stack", args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = []string{"PATH=/usr/bin:/bin", "DEBUGINFOD_URLS="}
	err := cmd.Run()
	// Status 1 means that some frames are missing, 2 that all are.
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("eu-stack %s %s: %v\n%s", exe, core, err, stderr.Bytes())
	}
	threads := parseEUStack(stdout.Bytes())
	if stderr.Len() > 0 && len(threads) > 0 {
		threads[len(threads)-1].Stop = string(bytes.TrimSpace(stderr.Bytes()))
	}
	return threads
}

const (
	maxFrames = 2000
	// Debug files are large and machines are busy; a hang is told from that.
	patience = 2 * time.Minute
)

// euPath makes a path for elfutils: "" and ".debug" are beside the file itself,
// and a leading - says that checksums are not to be computed.
func euPath(dirs string) string {
	return "-:.debug:" + dirs
}

var (
	euThread = regexp.MustCompile(`^TID (\d+):`)
	euFrame  = regexp.MustCompile(`^#(\d+)\s+0x([0-9a-f]+)(?: - 1|    )( [^ ]+)?(?: - (\S+))?$`)
	euSource = regexp.MustCompile(`^    (\S+?):(\d+)(?::\d+)?$`)
)

// parseEUStack reads the text of eu-stack -i -s -m -r -a (elfutils 0.188):
//
//	TID 16801:
//	#0  0x0000560c17ed41f0     store - threads
//	    /src/threads.c:15:11
//	#1  0x0000560c17ed4229 - 1 failing - threads
//
// The function may be missing; "- 1" stands at a return address. A frame that is
// inlined has the address of the one it is in, which follows.
func parseEUStack(text []byte) []Thread {
	var threads []Thread
	var frames *[]Frame
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\n")
		if m := euThread.FindSubmatch(line); m != nil {
			lwp, _ := strconv.Atoi(string(m[1]))
			threads = append(threads, Thread{LWP: lwp})
			frames = &threads[len(threads)-1].Frames
			continue
		}
		if frames == nil {
			continue
		}
		if m := euFrame.FindSubmatch(line); m != nil {
			number, _ := strconv.Atoi(string(m[1]))
			pc, _ := strconv.ParseUint(string(m[2]), 16, 64)
			*frames = append(*frames, Frame{
				Number: number, PC: pc, Function: string(bytes.TrimSpace(m[3])), Object: string(m[4]), Text: string(line),
			})
			continue
		}
		if m := euSource.FindSubmatch(line); m != nil && len(*frames) > 0 {
			last := &(*frames)[len(*frames)-1]
			last.File = filepath.Clean(string(m[1]))
			last.Line, _ = strconv.Atoi(string(m[2]))
		}
	}
	for _, t := range threads {
		markInlined(t.Frames)
	}
	return threads
}

// markInlined marks frames that have a name and the address of the one that
// follows. Recursion has the same address as well, but then each frame has the
// same name; an inlined function is seldom inlined in itself.
func markInlined(frames []Frame) {
	for i := range frames {
		f := &frames[i]
		f.Inline = i+1 < len(frames) && f.PC == frames[i+1].PC && f.Function != frames[i+1].Function
	}
}
