package report

import (
	"fmt"
	"strconv"
	"strings"
)

// rect, word, dot and arrow are what drawings are made of. Their texts are plain: the template
// escapes them.
type rect struct {
	X, Y, W, H, R int
	Class, Title  string
}

type word struct {
	X, Y        int
	Class, Text string
}

type dot struct{ X, Y int }

type arrow struct{ Class, Line, Head, Cross string }

// shapes are the parts of a drawing.
type shapes struct {
	Rects  []rect
	Words  []word
	Dots   []dot
	Arrows []arrow
}

// flowDrawing is a stream, from left to right or, for a narrow screen, downwards.
type flowDrawing struct {
	Class, Label  string
	Width, Height int
	shapes
}

// Sizes in a drawing, in pixels of its own.
const (
	textHeight = 17
	textWidth  = 7.3 // of a character of 12 px
	padding    = 10
	gap        = 42 // between boxes, for an arrow
)

// lines are those of a part's box, as wide as columns.
func (p *Part) lines(columns int) []word {
	var out []word
	add := func(class, text string) {
		for _, l := range wrap(text, columns) {
			out = append(out, word{Class: class, Text: l})
		}
	}
	add("title", p.Title)
	if p.Fault != "" {
		add("fault", p.Fault)
	}
	for _, r := range p.Rows {
		add("", clip(r.Label+" "+r.Value.Plain(), 3*columns))
	}
	for _, x := range []struct{ what, flag string }{{"no more input", p.ReadShut}, {"output closed", p.WriteShut}} {
		if x.flag != "" {
			add("shut", x.what+": "+Escape(x.flag))
		}
	}
	if len(p.Rows)+len(p.Flags) == 0 {
		add("dim", "not known")
	}
	const most = 14
	for i, f := range p.Flags {
		if i == most {
			add("dim", plural(len(p.Flags)-i, "more flag"))
			break
		}
		add("mono dim", clip(Escape(f), columns))
	}
	return out
}

// height is what a box with so many lines takes.
func (p *Part) height(width int) int {
	h := 2*padding + len(p.lines(columnsOf(width)))*textHeight
	if p.Size > 0 {
		h += textHeight
	}
	return h
}

func columnsOf(width int) int { return int(float64(width-2*padding) / textWidth) }

// box draws a part.
func (s *shapes) box(p *Part, class string, x, y, w, h int) {
	if p.Fault != "" {
		class += " fault"
	}
	s.Rects = append(s.Rects, rect{X: x, Y: y, W: w, H: h, R: 8, Class: "box " + class})
	at := y + padding + 12
	for _, l := range p.lines(columnsOf(w)) {
		l.X, l.Y = x+padding, at
		s.Words = append(s.Words, l)
		at += textHeight
	}
	if p.Size > 0 {
		s.gauge(p, x+padding, at-8, w-2*padding)
	}
	for i, n := range p.Notes[:min(len(p.Notes), 4)] {
		d := dot{x + w - 14 - 24*i, y}
		s.Dots = append(s.Dots, d)
		s.Words = append(s.Words, word{d.X, d.Y + 4, "badge", strconv.Itoa(n)})
	}
}

// gauge shows how full a channel is.
func (s *shapes) gauge(p *Part, x, y, w int) {
	s.Rects = append(s.Rects, rect{X: x, Y: y, W: w, H: 12, R: 3, Class: "gauge"})
	for _, part := range []struct {
		class string
		n     int64
	}{{"out", p.Output}, {"in", p.Input}} {
		if part.n > 0 {
			long := min(max(int(float64(w)*float64(part.n)/float64(p.Size)), 3), w)
			s.Rects = append(s.Rects, rect{X: x, Y: y, W: long, H: 12, R: 3, Class: part.class})
			x, w = x+long, w-long
		}
	}
}

// arrow draws one along an axis; a direction that is closed is crossed out.
func (s *shapes) arrow(x1, y1, x2, y2 int, shut string) {
	a := arrow{}
	dx, dy := sign(x2-x1), sign(y2-y1)
	tipX, tipY := x2-3*dx, y2-3*dy
	a.Line = fmt.Sprintf("M%d %dL%d %d", x1+3*dx, y1+3*dy, tipX-6*dx, tipY-6*dy)
	a.Head = fmt.Sprintf("M%d %dL%d %dL%d %dZ", tipX, tipY, tipX-9*dx+5*dy, tipY-9*dy+5*dx, tipX-9*dx-5*dy, tipY-9*dy-5*dx)
	if shut != "" {
		a.Class = "shut"
		x, y := (x1+x2)/2-2*dx, (y1+y2)/2-2*dy
		a.Cross = fmt.Sprintf("M%d %dL%d %dM%d %dL%d %d", x-6, y-6, x+6, y+6, x-6, y+6, x+6, y-6)
	}
	s.Arrows = append(s.Arrows, a)
}

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// drawFlow draws a stream.
func drawFlow(f *Flow, down bool) flowDrawing {
	if down {
		return f.tall()
	}
	return f.wide()
}

// wide is from left to right; the channels stand one upon the other in the middle.
func (f *Flow) wide() flowDrawing {
	const end, side, middle = 180, 212, 196
	d := flowDrawing{Class: "wide", Width: 2*end + 2*side + middle + 4*gap, Label: f.label()}
	top := 12
	req, res := f.Request.height(middle), f.Response.height(middle)
	h := max(req+res+24, f.Client.height(end), f.Front.height(side), f.Back.height(side), f.Server.height(end))
	d.Height = h + top + 4
	req += (h - 24 - req - res) / 2
	x := [5]int{0, end + gap, end + side + 2*gap, end + side + middle + 3*gap, end + 2*side + middle + 4*gap}
	d.box(&f.Client, "", x[0], top, end, h)
	d.box(&f.Front, "", x[1], top, side, h)
	d.box(&f.Request, "channel", x[2], top, middle, req)
	d.box(&f.Response, "channel", x[2], top+req+24, middle, h-req-24)
	d.box(&f.Back, "", x[3], top, side, h)
	d.box(&f.Server, "", x[4], top, end, h)
	there, back := top+req/2, top+req+24+(h-req-24)/2
	from := [4]int{x[0] + end, x[1] + side, x[2] + middle, x[3] + side}
	for i, shut := range [4][2]string{{f.Front.ReadShut, f.Front.WriteShut}, {}, {}, {f.Back.WriteShut, f.Back.ReadShut}} {
		d.arrow(from[i], there, x[i+1], there, shut[0])
		d.arrow(x[i+1], back, from[i], back, shut[1])
	}
	return d
}

// tall is downwards; the channels stand side by side in the middle.
func (f *Flow) tall() flowDrawing {
	const width, half = 358, 173
	d := flowDrawing{Class: "tall", Width: width, Label: f.label()}
	y := 12
	there, back := half/2, width-half/2
	down := func(shutThere, shutBack string) {
		d.arrow(there, y, there, y+gap, shutThere)
		d.arrow(back, y+gap, back, y, shutBack)
		y += gap
	}
	whole := func(p *Part) {
		h := p.height(width)
		d.box(p, "", 0, y, width, h)
		y += h
	}
	whole(&f.Client)
	down(f.Front.ReadShut, f.Front.WriteShut)
	whole(&f.Front)
	down("", "")
	h := max(f.Request.height(half), f.Response.height(half))
	d.box(&f.Request, "channel", 0, y, half, h)
	d.box(&f.Response, "channel", width-half, y, half, h)
	y += h
	down("", "")
	whole(&f.Back)
	down(f.Back.WriteShut, f.Back.ReadShut)
	whole(&f.Server)
	d.Height = y + 4
	return d
}

// label says in words what the drawing shows.
func (f *Flow) label() string {
	var out []string
	if f.Fault != "" {
		out = append(out, f.Fault)
	}
	for _, p := range f.parts() {
		var words []string
		for _, l := range p.lines(200) {
			words = append(words, l.Text)
		}
		out = append(out, strings.Join(words, ", "))
	}
	return clip(strings.Join(out, "; "), 2000)
}

// stacksDrawing is merged stacks: the outermost function at the bottom.
type stacksDrawing struct {
	Level, Width, Height  int
	Threads               int
	About, Caption, Label string
	shapes
}

// Sizes of merged stacks.
const (
	stacksWidth = 1140
	callHeight  = 23
	leastCall   = 16  // what is narrower is drawn with its neighbours as one
	mostBars    = 900 // of a drawing
)

func drawStacks(s *Stacks, level int) stacksDrawing {
	d := stacksDrawing{Level: level, Width: stacksWidth, Threads: s.Threads, About: plural(s.Threads, "thread")}
	if s.Left > 0 {
		d.About += ", " + number(int64(s.Left)) + " without a stack"
	}
	d.Caption = "Each bar is a function that stands upon its caller; it is as wide as there are threads in it."
	deep := depth(s.Roots)
	d.Height = deep*callHeight + 4
	root := Call{Threads: s.Threads, Faulty: s.Roots[0].Faulty, Calls: s.Roots}
	var culprit string
	d.calls(&root, 0, stacksWidth, deep-1, &culprit)
	d.lift()
	d.Label = "stacks of " + plural(s.Threads, "thread")
	thread, frame := "The thread at fault", "where it went wrong"
	if !s.Fatal {
		thread, frame = "The thread that this report is about", "where it was"
	}
	if s.Threads > 1 && s.Roots[0].Faulty {
		d.Caption += " " + thread + " is at the left, drawn wider."
	}
	if culprit != "" {
		d.Caption += " Framed: " + frame + "."
		d.Label += "; framed: " + culprit
	}
	return d
}

// lift takes away what is empty above the highest bar: narrow calls are not drawn one by one.
func (d *stacksDrawing) lift() {
	top := d.Height
	for _, r := range d.Rects {
		top = min(top, r.Y-2)
	}
	d.Height -= top
	for i := range d.Rects {
		d.Rects[i].Y -= top
	}
	for i := range d.Words {
		d.Words[i].Y -= top
	}
}

// weight is how wide a function is among those of so many threads: one for each thread in it,
// and so much more for the one at fault that its names can be read.
func (x *Call) weight(threads int) float64 {
	w := float64(x.Threads)
	if x.Faulty {
		w += max(float64(threads)/2-1, 0)
	}
	return w
}

func depth(list []*Call) int {
	n := 0
	for _, x := range list {
		n = max(n, 1+depth(x.Calls))
	}
	return n
}

// calls draws what a function called, above it, in a width.
func (d *stacksDrawing) calls(x *Call, at, w float64, row int, culprit *string) {
	unit := w / x.weight(d.Threads)
	var rest []*Call
	left := 0.0
	for _, c := range x.Calls {
		cw := unit * c.weight(d.Threads)
		if cw < leastCall && !c.Faulty {
			rest = append(rest, c)
			left += cw
			continue
		}
		d.call(c, at, cw, row, culprit)
		at += cw
	}
	switch len(rest) {
	case 0:
	case 1:
		d.call(rest[0], at, left, row, culprit)
	default:
		n := 0
		for _, c := range rest {
			n += c.Threads
		}
		d.bar("call rest", "", plural(len(rest), "other function"), n, at, left, row)
	}
}

// call draws a function and what it called.
func (d *stacksDrawing) call(x *Call, at, w float64, row int, culprit *string) {
	class, name := "", clip(x.Name.Plain(), 120)
	bar := "call"
	switch {
	case x.Culprit:
		bar, class, *culprit = "call culprit", "culprit", name
	case x.Faulty:
		bar = "call faulty"
	}
	d.bar(bar, class, name, x.Threads, at, w, row)
	d.calls(x, at, w, row-1, culprit)
}

// bar draws a rectangle with a name, if that can be read.
func (d *stacksDrawing) bar(class, text, name string, threads int, at, w float64, row int) {
	if len(d.Rects) == mostBars {
		return
	}
	r := rect{X: int(at), Y: row*callHeight + 2, W: max(int(at+w)-int(at)-1, 1), H: callHeight - 1, R: 3, Class: class, Title: name + ": " + plural(threads, "thread")}
	d.Rects = append(d.Rects, r)
	room := int(float64(r.W-10) / textWidth)
	if room < 4 {
		return
	}
	if threads > 1 && width(name)+6 < room {
		name += " × " + strconv.Itoa(threads)
	}
	d.Words = append(d.Words, word{r.X + 6, r.Y + 16, text, clip(name, room)})
}

// timelineDrawing is a Timeline with its marks as bars.
type timelineDrawing struct {
	From, To Text
	More     string
	Lanes    []laneDrawing
}

type laneDrawing struct {
	Lane
	Width int
	Label string
	Bars  []rect
}

func drawTimeline(t *Timeline) timelineDrawing {
	const unit, high = 4, 27
	d := timelineDrawing{From: t.From, To: t.To}
	if t.Left > 0 {
		d.More = plural(t.Left, "crash") + " more found no place here"
	}
	most := 1
	for _, l := range t.Lanes {
		for _, m := range l.Marks {
			most = max(most, m.Count)
		}
	}
	for _, l := range t.Lanes {
		x := laneDrawing{Lane: l, Width: marksAcross*unit + 6}
		x.Label = plural(l.Count, "crash") + " of " + clip(l.Kind.Plain(), 40)
		if v := l.Version.Plain(); v != "" {
			x.Label += ", version " + clip(v, 80)
		}
		for _, m := range l.Marks {
			h := 9 + (high-9)*m.Count/most
			x.Bars = append(x.Bars, rect{X: m.At * unit, Y: 2 + high - h, W: 5, H: h})
		}
		d.Lanes = append(d.Lanes, x)
	}
	return d
}
