package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/logparse"
)

// input is one kind of log.
type input struct {
	name, title string
	pipe        bool
	crashes     int   // spread over the file
	hostile     bool  // nothing but lines that look like crashes
	runs        int   // at most so many: parsing crashes takes longer than passing over them
	part        int64 // of the size asked for, one over this
}

var inputs = []input{
	{name: "access", title: "access log, no crash", pipe: true, runs: 100, part: 1},
	{name: "crashes", title: "same, 10,000 crashes", crashes: 10000, runs: 1, part: 1},
	{name: "hostile", title: "hostile lines only, 1/8", hostile: true, runs: 1, part: 8},
}

// benchLogs measures large logs against ripgrep with the same literals.
func benchLogs(o options, r *runner) error {
	lits := filepath.Join(o.dir, "literals")
	if err := os.WriteFile(lits, []byte(strings.Join(logparse.Literals(), "\n")+"\n"), 0o600); err != nil {
		return err
	}
	_, err := exec.LookPath("rg")
	rg := err == nil
	if !rg {
		fmt.Println("ripgrep is not installed: only our own figures are printed")
	}
	fmt.Printf("Logs: %d literals; medians of %d runs, the commands in turn, page cache warm\n\n", len(logparse.Literals()), o.logRuns)
	header()
	for _, in := range inputs {
		path := filepath.Join(o.dir, in.name+".log")
		if err := generate(path, o.logBytes/in.part, in); err != nil {
			return err
		}
		cmds := []command{{"hacrash FILE", []string{o.program, "analyze", "--format", "jsonl", path}}}
		if rg {
			cmds = append(cmds,
				command{"rg, same literals", []string{"rg", "-c", "-F", "-f", lits, path}},
				command{"rg, one literal", []string{"rg", "-c", "-F", "refuses to die", path}})
		}
		if in.pipe {
			cmds = append(cmds, shell("cat | hacrash", "cat "+path+" | "+o.program+" analyze --format jsonl -"))
			if rg {
				cmds = append(cmds, shell("cat | rg, same literals", "cat "+path+" | rg -c -F -f "+lits))
			}
			cmds = append(cmds, shell("cat | cat", "cat "+path+" | cat"))
		}
		figures, err := r.compare(cmds, min(o.logRuns, in.runs))
		if err != nil {
			return err
		}
		print(in.title, cmds, figures)
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// generate writes about size bytes of log to path.
func generate(path string, size int64, in input) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	every := size + 1
	if in.crashes > 0 {
		every = size / int64(in.crashes)
	}
	next := every / 2
	for n, k := int64(0), 0; n < size; k++ {
		var s string
		switch {
		case in.hostile:
			s = hostile(r, k)
		case n >= next:
			next += every
			s = crashText(r, k)
		default:
			s = access(r, k)
		}
		m, err := w.WriteString(s)
		if err != nil {
			return err
		}
		n += int64(m)
	}
	return w.Flush()
}

var paths = []string{"/api/v2/orders/index.html", "/static/app.js", "/", "/img/logo.svg", "/login", "/cart/items"}

func access(r *rand.Rand, k int) string {
	return fmt.Sprintf("May  6 %02d:%02d:%02d lb01 haproxy[1234]: 192.0.2.%d:%d [06/May/2025:01:08:21.830] public be_auth/srv%d %d/0/0/%d/%d 200 %d - - ---- %d/230/117/51/0 0/0 {www.example.org|Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36} \"GET %s?id=%d&t=%08x HTTP/1.1\"\n",
		k/3600%24, k/60%60, k%60, r.IntN(255), 1024+r.IntN(60000), r.IntN(20), r.IntN(40), r.IntN(900), r.IntN(2000), r.IntN(90000), r.IntN(999), paths[r.IntN(len(paths))], r.IntN(1e6), r.Uint32())
}

func crashText(r *rand.Rand, k int) string {
	pre := fmt.Sprintf("May  6 %02d:%02d:%02d lb01 haproxy[%d]: ", k/3600%24, k/60%60, k%60, 2000+k%30000)
	p := 0x7f0000000000 + uint64(k)<<12
	return fmt.Sprintf(pre+"[ALERT]    (%d) : A bogus APPCTX [0x%x] is spinning at %d calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x%x,43000 src=192.0.2.7 fe=n1 be=n1 dst=<PEER> txn=(nil),0 txn.req=-,0 txn.rsp=-,0 rqf=848000 rqa=0 rpf=80048000 rpa=0 scf=0x%x,CLO,30444 scb=0x%x,EST,1c041 af=(nil),0 sab=0x%x,7 cof=0x%x,1c0000:PASS(0x%x)/NONE((nil))/NONE(-1) cob=(nil),0:NONE((nil))/NONE((nil))/NONE(-1) filters={}]\n"+
		pre+"[ALERT]    (1000) : Current worker (%d) exited with code 139 (Segmentation fault)\n",
		2000+k%30000, p, 100000+r.IntN(8e6), p+1, p+2, p+3, p, p+4, p+5, 2000+k%30000)
}

var baits = []string{
	"A bogus APPCTX [0x1] is spinning at 1 calls per second and refuses to die, aborting now! Please report this error to developers [",
	"FATAL: bug condition \"x\" matched at src/a.c:%d",
	"Thread 1 is about to kill the process.",
	"  call trace(99):",
	"  | 0x55aa10 [0f 0b 90 0f 1f 44 00 00]: main+0x%d",
	"#0  0x0000000000000000 in f (a=%d) at a.c:1",
	"*>Thread 1 : id=0x7f act=1 glob=0 wq=1 rq=0 tl=0 tlsz=0 rqsz=0",
	"haproxy[%d]: segfault at 0 ip 0 sp 0 error 4 in haproxy[1+2]",
}

func hostile(r *rand.Rand, k int) string {
	b := baits[r.IntN(len(baits))]
	if n := len(b); n > 0 && containsVerb(b) {
		b = fmt.Sprintf(b, k)
	}
	return fmt.Sprintf("May  6 01:02:03 lb01 haproxy[%d]: %s\n", k%50000, b)
}

func containsVerb(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '%' && s[i+1] == 'd' {
			return true
		}
	}
	return false
}
