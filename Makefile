# The targets that people and CI call. CI runs .ci/run, which calls these.

GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOFUMPT       = mvdan.cc/gofumpt@v0.12.0

.PHONY: check build test race lint fmt vet integration bench alarms picture bench-code fuzz golden tools

check: fmt vet lint race        ## everything that needs nothing but Go

build:
	go build -o floodmark ./cmd/floodmark

test:
	go test ./...

race:                           ## where anything is shared; without the scripts, which go test runs, and long reckoning
	go test -race -vet=off -skip '^(TestScripts|TestTheIdealIsAsExpected|TestHitRatios|TestLawMoments)$$' \
	  $$(go list -f '{{.ImportPath}} {{.Imports}} {{.TestImports}} {{.XTestImports}}' ./... | grep -E '[[ ](sync|sync/atomic|net/http|context)[] ]' | cut -d' ' -f1 | grep -v /bench/alarms)

vet:                            ## and, for macOS and Windows, whether it would compile
	go vet ./...
	go test -count=1 -vet=off -tags integration -run '^TestOtherSystems$$' .

lint:
	golangci-lint run --build-tags integration ./...

fmt:
	@files=$$(gofumpt -l .); if [ -n "$$files" ]; then echo "not gofumpt'ed:"; echo "$$files"; exit 1; fi

integration:                    ## needs nginx, apache2, node, npm, tmux, wrk, prometheus-alertmanager, redis-server, openssl, python3, haproxy and libnginx-mod-stream
	go test -count=1 -p 1 -vet=off -tags integration -timeout 12m -run "^($$(grep -hoE '^func Test\w+' $$(git ls-files '*_integration_test.go') | cut -c6- | paste -sd'|'))$$" \
	  $$(git ls-files '*_integration_test.go' | xargs dirname | sort -u | sed 's|^|./|')

bench:                          ## beside the peers that are here, 20 minutes; writes docs/benchmarks.md
	go run ./bench/peers --write docs/benchmarks.md

alarms:                         ## simulates alerts, 1 minute; writes docs/alarm-figures.md
	go run ./bench/alarms -o docs/alarm-figures.md

picture:                        ## a run of the demo in tmux, half a minute; writes docs/dashboard.svg
	dashboard/svg/picture.sh

bench-code:                     ## for benchstat
	go test -run '^$$' -bench . -count 10 ./...

fuzz:                           ## 30 s a target
	@for target in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs grep -Ho '^func Fuzz[A-Za-z]*' | sed 's/:func /:/'); do \
	  echo "$$target"; go test "$$(dirname "$${target%%:*}")" -run '^$$' -fuzz "^$${target##*:}$$" -fuzztime 30s -fuzzminimizetime 5x || exit 1; done

golden:                         ## rewrites the expected outputs
	go test ./profiles ./profiles/openslo ./report ./dashboard ./cmd/floodmark ./bench/peers ./alert/receivers -update

tools:
	go install $(GOLANGCI_LINT)
	go install $(GOFUMPT)
