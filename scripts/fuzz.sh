#!/bin/sh
# Runs every fuzz target of the module for a while: scripts/fuzz.sh 10s
# Each new input is made smaller for a second at most: with the minute that go
# takes by itself there is no time left to find others.
#
# Folklore: on a busy machine go ends a target with "context deadline exceeded" when
# its time is over while a worker still computes. That is no finding: a finding has
# an input, which is written below testdata.
set -eu
time=${1:-10s}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for file in $(grep -rl --include='*_test.go' '^func Fuzz' .); do
	pkg=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "$pkg $target"
		if go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s "$pkg" >"$out" 2>&1; then
			continue
		fi
		grep -v '^fuzz: elapsed' "$out"
		if ! grep -q 'context deadline exceeded' "$out" || grep -q 'Failing input' "$out"; then
			exit 1
		fi
	done
done
