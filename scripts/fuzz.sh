#!/bin/sh
# Runs every fuzz target of the module for a while: scripts/fuzz.sh 10s
# Each new input is made smaller for a second at most: with the minute that go
# takes by itself there is no time left to find others.
set -eu
time=${1:-10s}
for file in $(grep -rl --include='*_test.go' '^func Fuzz' .); do
	pkg=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "$pkg $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s "$pkg" | grep -v '^fuzz: elapsed' || exit 1
	done
done
