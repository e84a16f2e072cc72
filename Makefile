# All that is needed is Python 3.11 or newer (with venv), make and a package registry; PYTHON says which Python.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
RUN_REQUIREMENTS := requirements.txt requirements-build.txt
# `make demo ARGS="--once --messages 20000"`
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lint faults bench screenshots lock clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

demo: $(VENV)/run.stamp ## Create the environment and start everything on made-up data
	@$(BIN)/corbi-monitoring demo $(ARGS)

test: lint ## Create the environment and run every check and test
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/dev.stamp ## Style, types and the rules of who may import whom
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

faults: $(VENV)/dev.stamp ## Break things many times, and say what was lost (a quarter of an hour; some need root)
	@FAULTS_TIMES=$(or $(TIMES),60) $(BIN)/python -m pytest tests/faults $(ARGS)

bench: $(VENV)/dev.stamp ## Measure: first load, a pass, the roll-up, memory, bytes
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(VENV)/dev.stamp ## Take the README's pictures of the dashboards (needs Chromium)
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

lock: ## Lock the requirements anew (needs uv)
	uv pip compile pyproject.toml $(LOCK) --output-file requirements.txt
	uv pip compile pyproject.toml $(LOCK) --extra dev --output-file requirements-dev.txt
	echo 'setuptools>=77' | uv pip compile - $(LOCK) --output-file requirements-build.txt

clean: ## Remove the environment (the demo's data in .corbi stays)
	rm -rf $(VENV)

# The environment is made anew only when the requirements change; the sources are installed in place.
$(VENV)/run.stamp: $(RUN_REQUIREMENTS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Say which: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "Installing the locked requirements into $(VENV); this takes a minute or two the first time."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP_INSTALL) --require-hashes $(foreach file,$(RUN_REQUIREMENTS),--requirement $(file))
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	@echo "Installing the tools for tests."
	@$(PIP_INSTALL) --require-hashes --requirement requirements-dev.txt
	@touch $@
