# Runs within gdb (Debian's gdb 13 has Python 3.11): writes the stacks of all
# threads to the file oracle_output as JSON, in the shape of oracle.Thread.
import gdb, json, re


def show(value):
    """A value as text; what cannot be read is told in angle brackets."""
    try:
        if value.is_optimized_out:
            return "<optimized out>"
        text = value.format_string(symbols=False, styling=False, repeat_threshold=0)
        if value.type.strip_typedefs().code == gdb.TYPE_CODE_ENUM:
            return "%d (%s)" % (int(value), text)
        return text
    except (gdb.error, UnicodeError, ValueError) as e:
        return "<%s>" % e


def function_block(frame):
    """The block of the function, inlined or not, that the frame is in."""
    try:
        block = frame.block()
    except RuntimeError:
        return None  # no debug data
    while block is not None and block.function is None:
        block = block.superblock
    return block


def arguments(frame):
    block = function_block(frame)
    if block is None:
        return []
    frame.select()  # NAME@entry is asked of the selected frame
    args = []
    for symbol in block:
        if not symbol.is_argument:
            continue
        try:
            value = show(symbol.value(frame))
        except gdb.error as e:
            value = "<%s>" % e
        try:
            entry = show(gdb.parse_and_eval(symbol.name + "@entry"))
        except (gdb.error, TypeError):
            entry = ""
        if entry.startswith("<"):
            entry = ""
        args.append({"name": symbol.name or "", "value": value, "entry": entry})
    return args


def locals_of(frame):
    """The variables of the function, those of the innermost block first."""
    found = []
    try:
        block = frame.block()
    except RuntimeError:
        return found
    while block is not None:
        for symbol in block:
            if symbol.is_argument or not (symbol.is_variable or symbol.is_constant):
                continue
            try:
                value = show(symbol.value(frame))
            except gdb.error as e:
                value = "<%s>" % e
            found.append({"name": symbol.name or "", "value": value, "entry": ""})
        if block.function is not None:
            return found
        block = block.superblock
    return found


def object_of(frame):
    name = gdb.solib_name(frame.pc())
    if name:
        return name
    function = frame.function()
    return function.symtab.objfile.filename if function else ""


def describe(frame):
    sal = frame.find_sal()
    known = sal is not None and sal.symtab is not None and sal.line > 0
    kind = frame.type()
    signal = kind == gdb.SIGTRAMP_FRAME
    return {
        "number": frame.level(),
        "pc": frame.pc(),
        "function": "" if signal else frame.name() or "",
        "file": sal.symtab.filename if known else "",
        "line": sal.line if known else 0,
        "args": [] if signal else arguments(frame),
        "locals": [] if signal or kind == gdb.TAILCALL_FRAME else locals_of(frame),
        "signal": signal,
        "inline": kind == gdb.INLINE_FRAME,
        "tailcall": kind == gdb.TAILCALL_FRAME,
        "object": object_of(frame),
    }


def stack(thread):
    thread.switch()
    frames, stop = [], ""
    frame = gdb.newest_frame()
    while frame is not None:
        frames.append(describe(frame))
        reason = frame.unwind_stop_reason()
        try:
            frame = frame.older()
        except gdb.error as e:
            stop = str(e)
            break
        if frame is None and reason not in (gdb.FRAME_UNWIND_NO_REASON, gdb.FRAME_UNWIND_OUTERMOST):
            stop = gdb.frame_stop_reason_string(reason)
    try:
        text = gdb.execute("bt", to_string=True)
    except gdb.error:
        text = ""
    for line in text.splitlines():
        found = re.match(r"#(\d+) ", line)
        if found and int(found[1]) < len(frames):
            frames[int(found[1])]["text"] = line
    return {"lwp": thread.ptid[1], "frames": frames, "stop": stop}


with open(oracle_output, "w") as out:
    threads = sorted(gdb.selected_inferior().threads(), key=lambda t: t.num)
    json.dump([stack(t) for t in threads], out)
