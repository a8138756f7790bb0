package backtrace

import (
	"path"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/ending"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Owner says whose process a backtrace is of.
type Owner int

// The owners.
const (
	// OwnerUnsaid: it names no program, and its functions tell nothing.
	OwnerUnsaid Owner = iota
	// OwnerHAProxy: it names HAProxy, or its functions are HAProxy's.
	OwnerHAProxy
	// OwnerForeign: it names another program, or its functions are another's.
	OwnerForeign
)

// owner finds out whose backtrace it is, and the name of the program or of a function
// that tells so.
//
// Functions overrule names, for a HAProxy may be renamed to anything; but HAProxy named
// exactly needs no function.
func owner(r *Result, named []string) (Owner, string) {
	foreign := ""
	for _, n := range named {
		switch {
		case n == "":
		case haproxy.IsProgram(n):
			return OwnerHAProxy, "haproxy"
		case foreign == "":
			foreign = n
		}
	}
	t := tally(r)
	switch {
	case t.inProgram && foreign == "":
		return OwnerHAProxy, "haproxy"
	case t.own >= 2 && t.own*4 >= t.strangers, t.own == 1 && t.strangers == 0 && (foreign == "" || t.certain):
		return OwnerHAProxy, "haproxy"
	case foreign != "":
		return OwnerForeign, foreign
	case t.module != "":
		return OwnerForeign, t.module
	case t.strange != "" && (t.own == 0 || t.strangers > 4*t.own):
		return OwnerForeign, "a program with " + t.strange + "()"
	}
	return OwnerUnsaid, ""
}

// names are what the frames of a backtrace tell of its program.
type names struct {
	own, strangers int
	certain        bool   // one of its own is of no other program
	strange        string // the innermost stranger
	inProgram      bool   // a frame stands in a module that is HAProxy's executable
	module         string // an executable that is not
}

func tally(r *Result) (t names) {
	seen := map[string]bool{}
	for i := range r.Threads {
		t.count(r.Threads[i].Frames, seen)
		t.inProgram = t.inProgram || haproxy.IsProgram(strings.Trim(r.Threads[i].Name, `"`))
	}
	for i := range r.Stacks {
		t.count(r.Stacks[i].Frames, seen)
	}
	return t
}

// count counts each function once.
func (t *names) count(frames []crash.Frame, seen map[string]bool) {
	for i := range frames {
		f := &frames[i]
		t.inModule(path.Base(f.Module))
		t.inProgram = t.inProgram || f.Function == "main" && path.Base(f.File) == "haproxy.c"
		if f.Function == "" || f.Signal || seen[f.Function] {
			continue
		}
		seen[f.Function] = true
		own := haproxy.IsFunction(f.Function)
		switch {
		case strangeFile(f) || strangeName(f.Function) || own && !inTree(f.File):
			t.stranger(f.Function)
		case own:
			t.own++
			t.certain = t.certain || f.File != "" && (ending.IsDeliberate(f.Function) || strings.HasPrefix(f.Function, "debug_parse_cli_"))
		case f.Module == "" && !isCLibrary(f.Function) && !isLinked(f.Function) && !systemFile(f.File):
			t.stranger(f.Function)
		}
	}
}

// inModule looks at the file that a frame stands in, "." when it is not known.
func (t *names) inModule(base string) {
	if haproxy.IsProgram(base) {
		t.inProgram = true
	} else if !isLibrary(base) && t.module == "" {
		t.module = base
	}
}

func (t *names) stranger(name string) {
	t.strangers++
	if t.strange == "" {
		t.strange = lex.Clip(name, 64)
	}
}

// strangeName says whether a function cannot be HAProxy's, which is written in C:
// C++'s and Rust's names have ::, Go's dots and slashes.
func strangeName(name string) bool {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		return strings.Contains(name[i:], ".")
	}
	return strings.Contains(name, "::") || hasPrefix(name, "_ZN", "_R", "operator", "runtime.", "main.")
}

// strangeFile says whether the source is of a language that is not HAProxy's.
func strangeFile(f *crash.Frame) bool {
	switch path.Ext(f.File) {
	case ".cpp", ".cc", ".cxx", ".C", ".hpp", ".hh", ".rs", ".go", ".py", ".java", ".m", ".mm", ".d", ".pas", ".vala", ".zig", ".swift", ".rb", ".pl":
		return true
	}
	return false
}

// inTree says whether a source file may be of HAProxy's tree: a name alone, a file of src/,
// or one below the directories of headers and add-ons. Names of functions such as parse_cfg
// are those of other programs too.
func inTree(file string) bool {
	dir := path.Dir(file)
	if dir == "." || path.Base(dir) == "src" {
		return true
	}
	for d := range strings.SplitSeq(dir, "/") {
		switch d {
		case "include", "addons", "contrib", "ebtree", "import", "admin", "dev", "tests", "reg-tests":
			return true
		}
		if hasPrefix(d, "haproxy", "hapee") {
			return true
		}
	}
	return false
}

// isLibrary says whether a module of that name is a shared library, or not a file at all.
func isLibrary(base string) bool {
	return strings.Contains(base, ".so") || strings.Contains(base, ".dylib") || hasPrefix(base, "lib", "ld-", "[", "linux-", "vgpreload") || base == "." || base == "n/a"
}

// isCLibrary tells functions that any program's stack may have: of the C library, of the
// start of programs and threads, and of the sanitizers.
func isCLibrary(name string) bool {
	if isWait(name) || ending.IsAbort(ending.Plain(name)) || ending.IsHeap(ending.Plain(name)) || isTrampoline(name) || haproxy.ReportsCrash(name) {
		return true
	}
	switch n := lean(name); n {
	case "main", "start", "libc_start_main", "libc_start_call_main", "libc_start_main_impl", "start_thread", "clone", "clone3", "libc_start_main_stage2",
		"init", "exit", "run_exit_handlers", "cleanup", "usage", "free", "malloc", "calloc", "realloc", "memcpy", "memmove", "memset", "memcmp", "memchr",
		"strlen", "strcmp", "strncmp", "strchr", "strdup", "strcpy", "printf", "vfprintf", "snprintf", "vsnprintf", "getaddrinfo", "fork", "execve",
		"qsort", "assert_fail", "assert_fail_base", "libc_message", "fortify_fail", "chk_fail", "stack_chk_fail", "hash", "dump", "signal_handler":
		return true
	}
	return hasPrefix(name, "__mem", "__str", "__asan_", "__sanitizer", "__interceptor_", "__ubsan_", "__tsan_", "__msan_", "__lsan_", "__libc_", "__GI_",
		"pthread_", "__pthread_", "_dl_", "__lll_", "lll_", "futex_", "__futex_", "_IO_", "_nl_", "__lock_", "_int_", "Memcmp", "memcmp", "asan_")
}

// isLinked tells functions of the libraries that HAProxy is often linked with, statically
// too: Lua, OpenSSL and its kin, PCRE, zlib. They are no strangers on its stacks, and tell
// nothing of whose it is.
func isLinked(name string) bool {
	return hasPrefix(name,
		"lua_", "luaL_", "luaA_", "luaB_", "luaC_", "luaD_", "luaE_", "luaF_", "luaG_", "luaH_", "luaK_", "luaM_", "luaO_", "luaS_", "luaT_", "luaU_", "luaV_", "luaX_", "luaY_",
		"SSL_", "BIO_", "EVP_", "CRYPTO_", "OPENSSL_", "ERR_", "X509_", "ASN1_", "OSSL_", "wolfSSL_", "pcre_", "pcre2_", "inflate", "deflate")
}

// systemFile says whether the source is of the C library or of a compiler's own.
func systemFile(file string) bool {
	for _, p := range [...]string{"sysdeps/", "nptl/", "/libsanitizer/", "compiler-rt/", "libgcc/", "/csu/", "malloc/", "glibc", "musl"} {
		if strings.Contains(file, p) {
			return true
		}
	}
	return strings.HasPrefix(file, "../") || strings.HasPrefix(file, "./")
}

// programOf cuts a command line down to the program: "nginx: worker process", "./haproxy -f x".
func programOf(command string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(command), " ")
	return lex.Clip(strings.TrimSuffix(word, ":"), 255)
}
