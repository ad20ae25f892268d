# Every target needs only Python 3.11 or newer and a network for the first set-up. PYTHON names one
# to use; without, deploy/setup.sh picks one.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
# What an environment was made of is in its mark's name: others' changes of the locks are noticed,
# and whatever happens to a file's date is not.
made_of = $(VENV)/.made-of-$(shell cat $(1) deploy/servers.lock deploy/setup.sh | cksum | tr ' ' -)
READY := $(call made_of,requirements.lock)
BENCH := $(call made_of,requirements-bench.lock)
DATA ?= .data
PORT ?= 8700
STACK ?= embedded
SECONDS ?= 60
SEED ?=
.DEFAULT_GOAL := help
.PHONY: help setup assets browser demo deadlines up down clean test check fmt chaos faults coverage thorough long bench client documents pictures platforms

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make .venv and install requirements.lock with hashes

$(READY):
	@sh deploy/setup.sh "$(PYTHON)" "$(VENV)" requirements.lock
	@rm -f $(VENV)/.made-of-* && touch $@

$(BENCH): $(READY)
	@sh deploy/setup.sh "$(PYTHON)" "$(VENV)" requirements-bench.lock
	@touch $@

# What browsers are given is made of these, and of nothing else.
FOR_BROWSERS := $(wildcard services/console/styles/* services/console/scripts/* services/console/package*.json services/console/build.mjs deploy/typefaces.py)
ASSETS := $(VENV)/.assets-of-$(shell cat $(FOR_BROWSERS) | cksum | tr ' ' -)

assets: $(ASSETS) ## build the console's styles and scripts, with the Node of this machine or one of its own

$(ASSETS): $(READY)
	@$(BIN)/python -m deploy.assets
	@rm -f $(VENV)/.assets-of-* && touch $@

browser: ## install Debian's chromium, with which the pages are tested; CHROMIUM= names another
	@command -v chromium-headless-shell >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium-headless-shell; } || \
	  command -v chromium >/dev/null || apt-get install -y -qq chromium

client: $(READY) ## make a Python client of a running exchange's APIs: TO=folder PORT=8700
	@$(BIN)/python -m deploy.api_client --from "$(or $(FROM),http://127.0.0.1:$(PORT))" --to "$(TO)"

demo: $(READY) ## the main job end to end: cases in, referrals answered, invariants checked
ifeq ($(STACK),compose)
	@sh deploy/compose/demo.sh
else
	@$(BIN)/python -m deploy.cli demo
endif

deadlines: $(READY) ## weeks of the law in two minutes: warned, escalated, extended, paused, late
	@$(BIN)/python -m deploy.cli deadlines

up: $(ASSETS) ## start the exchange and keep it running, in the foreground: DATA=.data PORT=8700
	@exec $(BIN)/python -m deploy.cli up --data "$(DATA)" --port "$(PORT)"

# Where nothing was ever set up there is nothing to stop, and nothing is installed to find that out.
down: ## stop what `make up` started: DATA=.data
	@if [ -x $(BIN)/nhipcau ]; then $(BIN)/python -m deploy.cli down --data "$(DATA)"; else echo "Nothing was running."; fi

clean: ## stop it and delete its data: DATA=.data
	@if [ -x $(BIN)/nhipcau ]; then $(BIN)/python -m deploy.cli down --data "$(DATA)" --delete; else echo "Nothing was running."; fi

# One process more than most machines for this have cores: a test of what waits, waits.
WORKERS ?= 3

test: $(ASSETS) ## the tests on real servers, from nothing; `make thorough` and `make long` have more
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q -m "not long and not thorough"

long: $(READY) ## the tests that take half a minute and more
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -q -m long

thorough: $(ASSETS) ## every page once more, by every link, key and width
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q -m "thorough and not long"

# What runs in these rooms is not counted: those that break and restart whole processes, and those
# that wait for browsers. Counting makes the rest two thirds slower.
UNCOUNTED := faults local system bench pages

coverage: $(ASSETS) ## which branches of services and shared the tests reach; fails below the floor
	@rm -rf .coverage && mkdir .coverage
	@$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadfile -q -m "not long" \
		$(addprefix --ignore=tests/,$(UNCOUNTED))
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report

check: $(READY) ## formatting, lint, types, import directions, migrations, documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m deploy.cli migrations
	@$(BIN)/python -m deploy.cli documents --check

fmt: $(READY) ## format and mend what can be mended
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

chaos: $(READY) ## random faults under load, with the product's own time-outs: SECONDS=600 SEED=n
	@LABORATORY=product $(BIN)/python -m tests.faults.chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

faults: $(READY) ## every fault test with the product's own leases and time-outs; about an hour
	@LABORATORY=product $(BIN)/python -m pytest tests/faults -n 2 --dist loadfile --no-loadscope-reorder -q

bench: $(BENCH) ## the goals of docs/performance.md, measured side by side
	@$(BIN)/python -m tests.bench

platforms: ## after a change of a lock: every Python and machine has its ready-made packages; asks for uv
	@sh deploy/platforms.sh

pictures: $(ASSETS) ## take the pictures of the console again that the README shows
	@$(BIN)/python -m tests.pages.pictures

documents: $(READY) ## write the pages of docs/ that are made from code and rows again
	@$(BIN)/python -m deploy.cli documents
