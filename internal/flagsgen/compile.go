package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// prologue has the types that HAProxy's constants are cast to, without a header, and
// how a constant is asked for: it becomes the operand of an instruction that no
// assembler ever sees. A constant of 32 bits keeps them: ~0 is 0xffffffff.
const prologue = `
typedef unsigned int uint; typedef unsigned char uchar; typedef unsigned short ushort;
typedef unsigned long ulong; typedef unsigned long long ullong; typedef long long llong;
typedef __UINT64_TYPE__ uint64_t; typedef __INT64_TYPE__ int64_t; typedef __SIZE_TYPE__ size_t;
typedef __UINT32_TYPE__ uint32_t; typedef __INT32_TYPE__ int32_t;
#define FLAGSGEN_ASK(n, x) __asm__ volatile("@value " #n " %0" :: "n"(sizeof(x) == 4 ? (ullong)(uint)(x) : (ullong)(x)));
`

var (
	answered = regexp.MustCompile(`(?m)^\s*@value (\d+) [$#]?(-?\d+)$`)
	refused  = regexp.MustCompile(`(?m)^ask:(\d+):.* error: (.*)$`)
)

// answer is what a compiler says of an expression.
type answer struct {
	value   uint64
	problem string // why there is no value, in the compiler's words
}

// compiler is the command of a C compiler that takes gcc's options.
type compiler string

// values asks for the values of expressions after definitions, both in C. Those that
// are refused are taken out, and the others asked for again.
func (c compiler) values(ctx context.Context, definitions string, expressions []string) ([]answer, error) {
	answers := make([]answer, len(expressions))
	for range 8 {
		var src, out, errs bytes.Buffer
		src.WriteString(prologue + definitions + "void values(void) {\n#line 1 \"ask\"\n")
		for i, e := range expressions {
			if answers[i].problem == "" {
				fmt.Fprintf(&src, "FLAGSGEN_ASK(%d, (%s))", i, e)
			}
			src.WriteString("\n")
		}
		src.WriteString("}\n")
		// Without that option an error is where the macro was defined.
		cmd := exec.CommandContext(ctx, string(c), "-Werror=shift-count-overflow", "-Werror=shift-count-negative", "-fmax-errors=0", "-fno-diagnostics-show-caret",
			"-ftrack-macro-expansion=0", "-S", "-o", "-", "-x", "c", "-")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = &src, &out, &errs
		err := cmd.Run()
		if err == nil {
			return answers, read(out.Bytes(), answers)
		}
		bad := refused.FindAllStringSubmatch(errs.String(), -1)
		if len(bad) == 0 {
			line, _, _ := strings.Cut(errs.String(), "\n")
			return nil, fmt.Errorf("%s: %w: %s", c, err, line)
		}
		for _, m := range bad {
			if i, err := strconv.Atoi(m[1]); err == nil && i >= 1 && i <= len(answers) {
				answers[i-1].problem = m[2]
			}
		}
	}
	return nil, fmt.Errorf("%s: it refuses more at each attempt", c)
}

// read finds the answers in what should become an assembler's input.
func read(assembler []byte, answers []answer) error {
	missing := 0
	for i := range answers {
		if answers[i].problem == "" {
			missing++
		}
	}
	for _, m := range answered.FindAllSubmatch(assembler, -1) {
		i, err := strconv.Atoi(string(m[1]))
		v, verr := strconv.ParseUint(strings.TrimPrefix(string(m[2]), "-"), 10, 64)
		if err != nil || verr != nil || i >= len(answers) {
			return fmt.Errorf("the compiler's output is not understood: %q", m[0])
		}
		if m[2][0] == '-' {
			v = -v
		}
		answers[i].value = v
		missing--
	}
	if missing != 0 {
		return fmt.Errorf("the compiler's output lacks %d values", missing)
	}
	return nil
}
