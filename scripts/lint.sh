#!/bin/sh
# What go vet does not see: staticcheck, long and winding functions, code that stands
# twice, code that nothing reaches. The versions are pinned; go fetches the tools.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "gofmt -l:"; echo "$unformatted"; exit 1; }
"$go" vet ./...
"$go" run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
"$go" run github.com/fzipp/gocyclo/cmd/gocyclo@v0.6.0 -over 20 -ignore '_test\.go$' cmd pkg internal

# Generated tables are as alike as they must be, tests may repeat themselves.
files=$(mktemp)
trap 'rm -f "$files"' EXIT
find cmd pkg internal -name '*.go' ! -name '*_test.go' ! -name compiled.go >"$files"
clones=$("$go" run github.com/mibk/dupl@v1.1.0 -threshold 100 -plumbing -files <"$files")
[ -z "$clones" ] || { echo "the same code twice:"; echo "$clones"; exit 1; }

dead=$("$go" run golang.org/x/tools/cmd/deadcode@v0.35.0 -test ./...)
[ -z "$dead" ] || { echo "nothing reaches:"; echo "$dead"; exit 1; }
