#!/bin/sh
# Tests that take minutes, or measure what the whole process needs: those that ask for
# HACRASH_LONG. What the machine does besides must not matter to them.
set -eu
cd "$(dirname "$0")/.."
packages=$(grep -rl --include='*_test.go' HACRASH_LONG cmd pkg internal | xargs -n1 dirname | sort -u | sed 's,^,./,')
# shellcheck disable=SC2086
HACRASH_LONG=1 exec "${GO:-go}" test -count=1 -timeout 60m -v -run "${1:-.}" $packages
