//go:build linux && (amd64 || arm64)

package live

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hacrash/hacrash/pkg/elfcore"
	"github.com/hacrash/hacrash/pkg/machine"
)

// thread is one that stands still.
type thread struct {
	tid       int
	registers []byte // NT_PRSTATUS: user_regs_struct, user_pt_regs
	local     []byte // the thread pointer, where it is a set of its own
	signal    int    // that it was about to get
	stopped   bool
}

// ptraceEventStop is PTRACE_EVENT_STOP (include/uapi/linux/ptrace.h).
const ptraceEventStop = 128

// maxThreads bounds those that are stopped.
const maxThreads = 8192

// freeze stops all threads of a process and calls look with them, then lets them go. It
// tells how long the first one stood still at most. look must be quick.
func freeze(pid int, limit time.Duration, look func([]thread)) (stopped time.Duration, problems []string, err error) {
	// A tracer is a thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	threads, err := seize(pid)
	if err != nil {
		release(threads)
		return 0, nil, err
	}
	begin := time.Now()
	deadline := begin.Add(limit)
	for i := range threads {
		_ = ptrace(unix.PTRACE_INTERRUPT, threads[i].tid, 0, 0)
	}
	for i := range threads {
		t := &threads[i]
		if t.stopped = t.wait(deadline); t.stopped {
			t.registers = registers(t.tid, elfcore.NotePRStatus)
			if other := machine.Of(machineNumber).Set.ThreadPointerNote; other != 0 {
				t.local = registers(t.tid, other)
			}
		}
	}
	look(threads)
	release(threads)
	stopped = time.Since(begin)
	for i := range threads {
		if !threads[i].stopped || threads[i].registers == nil {
			problems = append(problems, fmt.Sprintf("thread %d did not stop within %v: it is not shown", threads[i].tid, limit))
		}
	}
	return stopped, problems, nil
}

// seize attaches to all threads, and goes on until there is none that is new.
func seize(pid int) (threads []thread, err error) {
	for range 10 {
		list, err := tasks(pid)
		if err != nil {
			return threads, err
		}
		more := false
		for _, tid := range list {
			if len(threads) >= maxThreads || slices.ContainsFunc(threads, func(t thread) bool { return t.tid == tid }) {
				continue
			}
			switch err := ptrace(unix.PTRACE_SEIZE, tid, 0, 0); {
			case err == nil:
				threads, more = append(threads, thread{tid: tid}), true
			case errors.Is(err, unix.ESRCH): // it has ended
			default:
				return threads, refused(pid, err)
			}
		}
		if !more {
			break
		}
	}
	if len(threads) == 0 {
		return nil, fmt.Errorf("process %d: not there any more", pid)
	}
	return threads, nil
}

// refused says what to do about a process that may not be traced.
func refused(pid int, err error) error {
	if !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("process %d: cannot be stopped: %w", pid, err)
	}
	if st, e := os.ReadFile(procFile(pid, "status")); e == nil {
		if tracer := field(st, "TracerPid:"); tracer != "" && tracer != "0" {
			return fmt.Errorf("process %d: traced by process %s already; end that first", pid, tracer)
		}
	}
	return fmt.Errorf("process %d: not permitted; run it as root, or with CAP_SYS_PTRACE", pid)
}

func tasks(pid int) ([]int, error) {
	dir, err := os.ReadDir(procFile(pid, "task"))
	if err != nil {
		return nil, fmt.Errorf("process %d: no such process", pid)
	}
	var list []int
	for _, e := range dir {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			list = append(list, tid)
		}
	}
	return list, nil
}

// wait waits until a thread stands. One that was about to get a signal gets it when it is
// let go.
func (t *thread) wait(deadline time.Time) bool {
	for {
		var ws unix.WaitStatus
		got, err := unix.Wait4(t.tid, &ws, unix.WALL|unix.WNOHANG, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return false
		case got == t.tid && ws.Stopped():
			if int(ws>>16) != ptraceEventStop {
				t.signal = int(ws.StopSignal())
			}
			return true
		case got == t.tid: // it ended
			return false
		case time.Now().After(deadline):
			return false
		}
		// It stands within microseconds, unless it waits for a disk.
		runtime.Gosched()
	}
}

// registers reads a set of them.
func registers(tid int, set uint32) []byte {
	b := make([]byte, 512)
	v := unix.Iovec{Base: &b[0]}
	v.SetLen(len(b))
	if ptrace(unix.PTRACE_GETREGSET, tid, uintptr(set), uintptr(unsafe.Pointer(&v))) != nil {
		return nil
	}
	return b[:v.Len]
}

// release lets the threads go. One that never stood cannot be detached from; it is when we
// end, or when it does.
func release(threads []thread) {
	for i := range threads {
		t := &threads[i]
		if !t.stopped {
			// Perhaps by now.
			t.stopped = t.wait(time.Now())
		}
		_ = ptrace(unix.PTRACE_DETACH, t.tid, 0, uintptr(t.signal))
	}
}

func ptrace(request, tid int, addr, data uintptr) error {
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), addr, data, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// copyMemory fills buffers from the memory of a process, in one call of the kernel, as far as
// it is there.
func copyMemory(pid int, list []copied) {
	const most = 1024 // UIO_MAXIOV
	for len(list) > 0 {
		part := list[:min(len(list), most)]
		local := make([]unix.Iovec, len(part))
		remote := make([]unix.RemoteIovec, len(part))
		want := 0
		for i := range part {
			local[i].Base = &part[i].data[0]
			local[i].SetLen(len(part[i].data))
			remote[i] = unix.RemoteIovec{Base: uintptr(part[i].addr), Len: len(part[i].data)}
			want += len(part[i].data)
		}
		n, _ := unix.ProcessVMReadv(pid, local, remote, 0)
		// What comes behind a part that cannot be read was not read either.
		done := 0
		for done < len(part) && n >= len(part[done].data) {
			n -= len(part[done].data)
			done++
		}
		if done < len(part) {
			part[done].data = part[done].data[:max(n, 0)]
			done++
		}
		list = list[done:]
	}
}
