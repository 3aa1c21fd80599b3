# The targets that people and CI call. CI runs .ci/run, which calls these.

GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOFUMPT       = mvdan.cc/gofumpt@v0.12.0

.PHONY: check build test race lint fmt vet integration bench fuzz golden tools

check: fmt vet lint race        ## everything that needs nothing but Go

build:
	go build -o floodmark ./cmd/floodmark

test:
	go test ./...

race:
	go test -race ./...

vet:
	go vet ./...
	GOOS=darwin go vet ./...
	GOOS=windows go vet ./...

lint:
	golangci-lint run ./...
	golangci-lint run --build-tags integration ./...

fmt:
	@files=$$(gofumpt -l .); if [ -n "$$files" ]; then echo "not gofumpt'ed:"; echo "$$files"; exit 1; fi

integration:                    ## needs nginx, apache2, node, npm and tmux
	go test -count=1 -p 1 -tags integration -timeout 12m ./...

bench:
	go test -run '^$$' -bench . -count 10 ./...

fuzz:                           ## 30 s a target
	@for target in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs grep -Ho '^func Fuzz[A-Za-z]*' | sed 's/:func /:/'); do \
	  echo "$$target"; go test "$$(dirname "$${target%%:*}")" -run '^$$' -fuzz "^$${target##*:}$$" -fuzztime 30s -fuzzminimizetime 5x || exit 1; done

golden:                         ## rewrites the expected outputs
	go test ./profiles ./report ./cmd/floodmark -update

tools:
	go install $(GOLANGCI_LINT)
	go install $(GOFUMPT)
