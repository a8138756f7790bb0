#!/bin/bash
# What a C compiler says about every constant of every family of flags, for the
# versions below or those given: the truth that the table of pkg/haproxy is
# tested against. It shares only the families' patterns with flagsgen: names come
# from the preprocessor's macros and the debug data's enums, values from the
# compiler.
#
#   internal/flagsgen/truth.sh CLONE [VERSION…] > pkg/haproxy/testdata/flags-truth.txt
#
# Needs git, gcc, readelf, OpenSSL's headers (libssl-dev). Lines: family, name,
# value, versions.
set -euo pipefail
clone=$(realpath "${1:?usage: truth.sh CLONE [VERSION…]}")
shift
[ $# -gt 0 ] || set -- 2.0.0 2.2.0 2.4.0 2.6.0 2.8.0 3.0.0 3.2.0 3.4.0 3.5-dev5

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go run ./internal/flagsgen --families > "$work/families"

# What OpenSSL lacks and the QUIC of 2.6 to 2.8 is built with; of no family.
echo "enum ssl_encryption_level_t { level_initial, level_early, level_handshake, level_application };" > "$work/levels.h"

# one WORK VERSION FILE: writes "name value" of a file's constants to a file of its own.
cat > "$work/one" <<'ONE'
#!/bin/bash
set -euo pipefail
cd "$1/$2"
out=$1/out/$2/${3//\//_}
flags="-w -std=gnu99 -Iinclude -Iebtree -DUSE_THREAD -DUSE_OPENSSL -D_GNU_SOURCE
  -DDEBUG_STRICT=1 -DCONFIG_HAPROXY_VERSION=\"x\" -DCONFIG_HAPROXY_DATE=\"x\" -DUSE_EPOLL -DUSE_POLL -DUSE_TPROXY -DUSE_LINUX_TPROXY -DUSE_LINUX_SPLICE"
# Files before 2.2 count on others being included first.
headers="-include stdio.h -include sys/types.h -include netinet/in.h"
[ -e include/common/config.h ] && headers="$headers -include common/config.h -include common/standard.h -include types/connection.h"
[ -e include/haproxy/api.h ] && headers="$headers -include haproxy/api.h"
try() { gcc $flags $first "$@" 2>"$out.err"; }
compiles=
for quic in "-DUSE_QUIC -DUSE_QUIC_OPENSSL_COMPAT" "-DUSE_QUIC -include $1/levels.h" ""; do
    [ -n "$compiles" ] && break
    first="$headers $quic"
    try -x c -fsyntax-only "$3" && compiles=yes
done
[ -n "$compiles" ] || { echo "$2 $3: does not compile: $(grep -m1 error "$out.err")" >&2; exit 0; }
try -x c -E -dM "$3" | awk '$1 == "#define" && $2 !~ /\(/ && NF > 2 {print $2}' > "$out.names"
try -x c -c -g -fno-eliminate-unused-debug-types -o "$out.o" "$3"
readelf --debug-dump=info "$out.o" 2>/dev/null | awk '/DW_TAG_/ {e = /DW_TAG_enumerator/} e && /DW_AT_name/ {print $NF}' >> "$out.names"
sort -u "$out.names" | awk 'NR == FNR {if ($1 == "-") never = $2; else all = all "|" $2; next}
    {seen[$1]} $1 ~ "^(" substr(all, 2) ")$" && $1 !~ never {ours[$1]}
    END {for (name in ours) {bit = name; if (!(sub(/_BIT$/, "", bit) && bit in seen)) print name}}' "$1/families" - > "$out.ours"
[ -s "$out.ours" ] || exit 0
{
    echo "#include \"$3\""
    echo "void truth_of_flags(void) {"
    awk '{printf "__asm__ volatile(\"@truth %s %%0\" :: \"i\"(sizeof(%s) == 4 ? (unsigned long long)(unsigned)(%s) : (unsigned long long)(%s)));\n", $1, $1, $1, $1}' "$out.ours"
    echo "}"
} > "$out.c"
try -I. -S -O0 -o "$out.s" "$out.c" || { echo "$2 $3: constants do not compile: $(grep -m1 error "$out.err")" >&2; exit 0; }
awk '$1 == "@truth" {print $2, substr($3, 2)}' "$out.s" > "$out.truth"
ONE
chmod +x "$work/one"

for v; do
    mkdir -p "$work/$v" "$work/out/$v"
    git -C "$clone" archive "v$v" | tar -x -C "$work/$v"
    (cd "$work/$v" && ls include/types/*.h include/haproxy/*-t.h include/common/*.h include/haproxy/bug.h \
        src/{mux_h1,mux_h2,mux_fcgi,mux_quic,mux_spop,peers,cli,stats,flt_spoe,http_client,mworker}.c 2>/dev/null || true) |
        xargs -P "$(nproc)" -n 1 "$work/one" "$work" "$v"
    sort -u "$work/out/$v"/*.truth | sed "s/^/$v /"
done | awk '
    NR == FNR {if ($1 != "-") {family[++n] = $1; pattern[n] = "^(" $2 ")$"; least[n] = $3 + 0; most[n] = $4 + 0}; next}
    {
        value = $3 < 0 ? $3 + 18446744073709551616 : $3
        for (i = 1; i <= n; i++)
            if ($2 ~ pattern[i] && value + 0 >= least[i] && value + 0 <= most[i]) {
                key = family[i] " " $2 " " $3
                list[key] = list[key] (list[key] == "" ? "" : ",") $1
            }
    }
    END {for (key in list) print key, list[key]}' "$work/families" - | LC_ALL=C sort
