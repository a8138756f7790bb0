package browser

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/internal/coretest"
)

// patience is how long Chromium may take for one answer, on a machine that is busy.
const patience = 2 * time.Minute

// Browser is a running Chromium.
type Browser struct {
	t       testing.TB
	to      io.Writer
	answers chan message
	session string
	id      int
	events  []message
}

// message is one of the protocol, an answer or an event.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Open starts Chromium with an empty profile; it ends with the test.
func Open(t testing.TB) *Browser {
	t.Helper()
	coretest.Need(t, "chromium", "chromium")
	toRead, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, fromWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("chromium", "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--no-first-run", "--disable-extensions", "--disable-dev-shm-usage", "--user-data-dir="+t.TempDir())
	cmd.ExtraFiles = []*os.File{toRead, fromWrite} // 3 and 4
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toRead.Close()
	fromWrite.Close()
	b := &Browser{t: t, to: to, answers: make(chan message, 4096)}
	go b.read(from)
	t.Cleanup(func() {
		b.session = ""
		b.call("Browser.close", nil, nil)
		to.Close()
		ended := make(chan struct{})
		go func() { cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(patience):
			cmd.Process.Kill()
			<-ended
		}
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// read hands on what Chromium says.
func (b *Browser) read(from *os.File) {
	defer from.Close()
	defer close(b.answers)
	r := bufio.NewReader(from)
	for {
		text, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m) == nil {
			b.answers <- m
		}
	}
}

// next gives what Chromium says next.
func (b *Browser) next(waiting string) message {
	b.t.Helper()
	select {
	case m, ok := <-b.answers:
		if !ok {
			b.t.Fatalf("chromium ended before it answered %s", waiting)
		}
		if m.Method != "" {
			b.events = append(b.events, m)
		}
		return m
	case <-time.After(patience):
		b.t.Fatalf("chromium does not answer %s", waiting)
	}
	return message{}
}

// call asks for something and waits for the answer.
func (b *Browser) call(method string, params, result any) {
	b.t.Helper()
	b.id++
	ask := map[string]any{"id": b.id, "method": method}
	if params != nil {
		ask["params"] = params
	}
	if b.session != "" {
		ask["sessionId"] = b.session
	}
	text, err := json.Marshal(ask)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		m := b.next(method)
		if m.Method != "" || m.ID != b.id {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

// Look is how a page is looked at.
type Look struct {
	Width int
	Dark  bool
}

// Load opens a file and waits until it is there. It gives what is wrong with it: requests but
// that for the page itself, and whatever stands on the console.
func (b *Browser) Load(file string, l Look) (problems []string) {
	b.t.Helper()
	scheme := "light"
	if l.Dark {
		scheme = "dark"
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": l.Width, "height": 900, "deviceScaleFactor": 1, "mobile": l.Width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	for loaded := false; !loaded; {
		for _, m := range b.events {
			loaded = loaded || m.Method == "Page.loadEventFired"
		}
		if !loaded {
			b.next("the page")
		}
	}
	b.Eval("1", nil) // what was under way has been told
	for _, m := range b.events {
		switch m.Method {
		case "Network.requestWillBeSent":
			var r struct{ Request struct{ URL string } }
			json.Unmarshal(m.Params, &r)
			if r.Request.URL != "file://"+file && r.Request.URL != "data:," {
				problems = append(problems, "request: "+r.Request.URL)
			}
		case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown":
			problems = append(problems, fmt.Sprintf("%s: %.300s", m.Method, m.Params))
		}
	}
	return problems
}

// Eval runs a script in the page and gives its value; a promise is waited for.
func (b *Browser) Eval(script string, value any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("the script fails: %.500s", r.ExceptionDetails)
	}
	if value != nil {
		if err := json.Unmarshal(r.Result.Value, value); err != nil {
			b.t.Fatalf("%v: %.200s", err, r.Result.Value)
		}
	}
}

// Screenshot gives all of the page as PNG.
func (b *Browser) Screenshot() []byte {
	b.t.Helper()
	var r struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &r)
	png, err := base64.StdEncoding.DecodeString(r.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	return png
}

// axeVersion is the release that is fetched.
const axeVersion = "4.10.3"

// Axe fetches axe-core and gives its source. Without the network there is none: the test is
// skipped, and fails with CI=true.
func Axe(t testing.TB) string {
	t.Helper()
	coretest.Need(t, "npm", "npm")
	dir := t.TempDir()
	for _, args := range [][]string{{"npm", "pack", "--silent", "axe-core@" + axeVersion}, {"tar", "xzf", "axe-core-" + axeVersion + ".tgz", "package/axe.min.js"}} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			coretest.Absent(t, fmt.Sprintf("%v: %v\n%s", args, err, out))
		}
	}
	source, err := os.ReadFile(filepath.Join(dir, "package", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// Violations are what axe-core finds in the page that is loaded.
func (b *Browser) Violations(axe string) []string {
	b.t.Helper()
	b.Eval(axe+";0", nil)
	var found []struct {
		ID, Help string
		Nodes    []struct{ HTML string }
	}
	b.Eval(`axe.run().then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => ({html: n.html + " " + n.failureSummary}))})))`, &found)
	var out []string
	for _, v := range found {
		line := v.ID + ": " + v.Help
		for _, n := range v.Nodes[:min(len(v.Nodes), 3)] {
			line += "\n\t" + strings.ReplaceAll(n.HTML, "\n", " ")
		}
		out = append(out, line)
	}
	return out
}
