# make build | test | long | bench | lint | fuzz | generate | eval
GO ?= go
FUZZTIME ?= 10s

.PHONY: dist build test long bench lint fuzz generate packages eval

# Without cgo it needs no library of the machine it runs on, and starts in half the time.
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o hacrash ./cmd/hacrash

# Everything the tests need; on Debian and Ubuntu it is installed here.
packages:
	@./scripts/packages.sh

test: packages
	$(GO) test -timeout 12m ./...

# What takes longer, or measures memory of the whole process.
long: packages
	@GO="$(GO)" ./scripts/long.sh

lint:
	@GO="$(GO)" ./scripts/lint.sh

bench: build
	@./scripts/bench.sh

# Each fuzz target for FUZZTIME; needs no corpus beyond the seeds.
fuzz:
	@./scripts/fuzz.sh $(FUZZTIME)

generate:
	$(GO) generate ./...

# What verdicts and suspects are worth, measured on public crash reports.
eval:
	@$(GO) run ./internal/eval

# What is released, in dist/.
dist:
	@GO="$(GO)" ./scripts/dist.sh
