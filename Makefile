# `make` alone lists the targets. It needs npm and any recent Node. `npm ci` installs the Node of podrole.
.DEFAULT_GOAL := help
.PHONY: help demo test e2e agent-churn agent-figures docker-churn bench build image release install uninstall lint format

PREFIX ?= $(HOME)/.local
NODE := node_modules/.bin/node
INSTALLED := node_modules/.package-lock.json

# Through the environment: the shell would read a quotation mark in a value, such as the name of a folder.
image release: export IMAGE := $(IMAGE)
release: export SOURCE := $(SOURCE)
release: export DOWNLOADS := $(DOWNLOADS)
release: export BASE := $(BASE)
install uninstall: export PREFIX := $(PREFIX)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(INSTALLED): package-lock.json
	@echo 'downloading the packages of package-lock.json into node_modules'
	@npm ci --no-audit --no-fund --no-update-notifier --loglevel=error

demo: $(INSTALLED) ## walk the path of a token, from annotation to caller identity, on this machine
	@npm run --silent demo

test: $(INSTALLED) lint build ## lint, types, unit and integration tests, smoke test of the bundle
	@npm run --silent test

e2e: $(INSTALLED) build ## tests on a real Kubernetes with nodes (root on Linux)
	@npm run --silent e2e

agent-churn: $(INSTALLED) build ## 5,000 lives of pods on a node with the agent (an hour or two; root on Linux)
	@PODROLE_E2E_CHURN=$${PODROLE_E2E_CHURN:-5000} e2e/run --test-timeout=21600000 e2e/cases/agent/churn.test.ts

agent-figures: $(INSTALLED) build ## memory and cold start of the agent with 110 pods (root on Linux)
	@PODROLE_E2E_FLEET=$${PODROLE_E2E_FLEET:-110} e2e/run e2e/cases/agent/fleet.test.ts

docker-churn: $(INSTALLED) build ## 1,000 lives of containers on a Docker host (20 minutes; root on Linux)
	@PODROLE_E2E_DOCKER_LIVES=$${PODROLE_E2E_DOCKER_LIVES:-1000} e2e/run --test-timeout=21600000 e2e/cases/docker/churn.test.ts

bench: $(INSTALLED) build ## print the speed and memory of the bundle
	@npm run --silent bench

build: $(INSTALLED) ## bundle to dist/
	@npm run --silent build

image: build ## build the container image with docker, podman or buildah; IMAGE= is its name
	@image/build

release: build ## build all that is released into release/out (docs/release.md)
	@$(NODE) release/main.ts $(RELEASE)

install: build ## put the command podrole into PREFIX/bin; default: ~/.local
	@$(NODE) release/link-command.ts add "$$PREFIX"

uninstall: $(INSTALLED) ## remove it from PREFIX/bin
	@$(NODE) release/link-command.ts remove "$$PREFIX"

lint: $(INSTALLED) ## check format, lint and types
	@npm run --silent lint

format: $(INSTALLED) ## format and fix what can be fixed
	@npm run --silent format
