# Every target needs only Python 3.11 or newer and a network for the first set-up. PYTHON names one
# to use; without, deploy/setup.sh picks a version that has ready-made packages.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
DATA ?= .data
PORT ?= 8700
STACK ?= embedded
SECONDS ?= 60
SEED ?=
.DEFAULT_GOAL := help
.PHONY: help setup demo up down clean test check fmt chaos bench documents

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.ready ## make .venv and install requirements.lock with hashes

$(VENV)/.ready: requirements.lock
	@sh deploy/setup.sh "$(PYTHON)" "$(VENV)" requirements.lock
	@touch $@

$(VENV)/.bench: $(VENV)/.ready requirements-bench.lock
	@sh deploy/setup.sh "$(PYTHON)" "$(VENV)" requirements-bench.lock
	@touch $@

demo: $(VENV)/.ready ## the main job end to end: cases in, referrals answered, invariants checked
ifeq ($(STACK),compose)
	@sh deploy/compose/demo.sh
else
	@$(BIN)/python -m deploy.cli demo
endif

up: $(VENV)/.ready ## start the exchange and keep it running, in the foreground: DATA=.data PORT=8700
	@exec $(BIN)/python -m deploy.cli up --data "$(DATA)" --port "$(PORT)"

# Where nothing was ever set up there is nothing to stop, and nothing is installed to find that out.
down: ## stop what `make up` started: DATA=.data
	@if [ -x $(BIN)/nhipcau ]; then $(BIN)/python -m deploy.cli down --data "$(DATA)"; else echo "Nothing was running."; fi

clean: ## stop it and delete its data: DATA=.data
	@if [ -x $(BIN)/nhipcau ]; then $(BIN)/python -m deploy.cli down --data "$(DATA)" --delete; else echo "Nothing was running."; fi

test: $(VENV)/.ready ## the whole suite on real servers, from nothing
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q

check: $(VENV)/.ready ## formatting, lint, types, import directions, migrations, documents
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m deploy.cli migrations
	@$(BIN)/python -m deploy.cli documents --check

fmt: $(VENV)/.ready ## format and mend what can be mended
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

chaos: $(VENV)/.ready ## random faults under load: SECONDS=600 SEED=n
	@$(BIN)/python -m tests.faults.chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.bench ## the goals of docs/performance.md, measured side by side
	@$(BIN)/python -m tests.bench

documents: $(VENV)/.ready ## write docs/messages.md and docs/asyncapi.yaml again
	@$(BIN)/python -m deploy.cli documents
