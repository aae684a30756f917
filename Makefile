# Every target is a script of its own in scripts/, with --help. ARGS goes to it: make test ARGS='--filter MarkupTests'.

ARGS ?=
SWIFT_BUILD_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help build demo test check format bench eval eval-peers chaos clean

help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Each takes ARGS, for example: make demo ARGS=--keep"

build: ## build all programs (debug; SWIFT_BUILD_FLAGS='-c release' for the real thing)
	@scripts/install-packages --build-only
	swift build $(SWIFT_BUILD_FLAGS) $(ARGS)

demo: ## the whole line on this machine: documents and six websites in, searchable articles out
	@scripts/demo $(ARGS)

test: ## all tests, against a RabbitMQ and a PostgreSQL of their own
	@scripts/test $(ARGS)

check: ## format, shell scripts, links of the documentation, architecture
	@scripts/check $(ARGS)

format: ## lay out all Swift files
	@scripts/format $(ARGS)

bench: ## the wrappers beside plain C and psql, the frontier at two sizes; fetch: the crawl worker beside Scrapy
	@scripts/bench $(ARGS)

eval: ## parsers of the crawl stage, extraction, classification and grouping against collections
	@scripts/eval $(ARGS)

eval-peers: ## extraction beside other extractors, quality and speed in one run
	@scripts/eval-peers $(ARGS)

chaos: ## break the running line on purpose and read the books afterwards, about an hour (--short: some minutes)
	@scripts/chaos $(ARGS)

clean: ## remove what was built, and the data of demo and tests
	@scripts/services stop --root .local/demo/services
	@scripts/services stop --root .local/test/services
	@scripts/services stop --root .local/bench/services
	@scripts/services stop --root .local/chaos/services
	@scripts/services stop --root .local/test/chaos/services
	@scripts/services stop
	rm -rf .build Benchmarks/.build Tests/Fuzz/.build .local
