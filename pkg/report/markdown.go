package report
import ("io")
func newMarkdown(w io.Writer, o Options) Stream { return nil }
