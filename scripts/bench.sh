#!/bin/sh
# Whole-process figures beside those of the peers; see docs/performance.md.
set -eu
exec go run ./internal/bench "$@"
