package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// figure is what one run of a command cost.
type figure struct {
	Wall, CPU time.Duration
	RSS       int64 // bytes, the peak
	Err       string
}

// runner measures commands in a process of its own.
//
// Folklore: Linux hands the peak memory of a process on to what it executes
// (ru_maxrss survives exec), so whoever starts the commands must be smaller
// than they are: a process that made gigabytes of logs would be found in every
// figure. The small one is this program again, which only starts and waits.
type runner struct {
	cmd *exec.Cmd
	in  *json.Encoder
	out *json.Decoder
	end io.Closer
}

// asRunner, as the only argument, makes this program the small process.
const asRunner = "-as-runner"

func newRunner() (*runner, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, asRunner)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &runner{cmd, json.NewEncoder(in), json.NewDecoder(out), in}, nil
}

func (r *runner) close() {
	r.end.Close()
	_ = r.cmd.Wait() // it has nothing more to say
}

// run measures one command; its output is thrown away.
func (r *runner) run(c command) (figure, error) {
	var f figure
	if err := r.in.Encode(c.argv); err != nil {
		return f, err
	}
	if err := r.out.Decode(&f); err != nil {
		return f, err
	}
	if f.Err != "" {
		return f, fmt.Errorf("%s: %s", c.name, f.Err)
	}
	return f, nil
}

// serveRuns is the small process: argument lists in, figures out.
func serveRuns() error {
	in, out := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	for {
		var argv []string
		if err := in.Decode(&argv); err != nil {
			return nil // the other side is done
		}
		if err := out.Encode(measure(argv, null)); err != nil {
			return err
		}
	}
}

// measure runs a command. The peak memory is that of the largest process it
// started and waited for.
func measure(argv []string, null *os.File) figure {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return figure{Err: err.Error()}
	}
	start := time.Now()
	p, err := os.StartProcess(path, argv, &os.ProcAttr{Files: []*os.File{null, null, null}})
	if err != nil {
		return figure{Err: err.Error()}
	}
	state, err := p.Wait()
	wall := time.Since(start)
	if err != nil {
		return figure{Err: err.Error()}
	}
	// Status 1 of rg and eu-stack and 3 of hacrash only say that something was not found.
	if code := state.ExitCode(); code != 0 && code != 1 && code != 3 {
		return figure{Err: state.String()}
	}
	u := state.SysUsage().(*syscall.Rusage)
	return figure{Wall: wall, CPU: time.Duration(u.Utime.Nano() + u.Stime.Nano()), RSS: u.Maxrss << 10}
}
