# Works on a bare machine with Python (3.10 or newer) and make; everything is installed into .venv.
PYTHON ?= python3
# Spelled exactly, so that no larger build with GPU libraries is picked. Another one: make setup TORCH='torch==2.13.0+cu130'
TORCH ?= torch==2.13.0
# Test processes side by side; each keeps to one thread, so that they do not get in each other's way. One that dies is
# not replaced: its test has failed, and by file xdist 3.8 can then wait for ever (pytest-xdist issue 1378).
JOBS ?= 2

BIN := .venv/bin
READY := .venv/.ready
DEMO := .venv-demo
PIP_QUIET := --quiet --quiet --disable-pip-version-check
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --max-worker-restart=0

.DEFAULT_GOAL := help
.PHONY: setup fmt lint check fast test demo docs accuracy bench help

setup: $(READY)  ## install everything needed to work on lprkit into .venv

$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(PIP_QUIET) --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install $(PIP_QUIET) '$(TORCH)'
	$(BIN)/python -m pip install $(PIP_QUIET) --editable '.[train,openvino,data]' --group test --group check
	touch $@

fmt: $(READY)  ## format the code and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: lint test  ## all that CI asks: format, lint, types, import order, then every test

fast: $(READY)  ## the tests that take no training or export (under 2 minutes)
	$(PYTEST) -m 'not slow'

test: $(READY)  ## every test
	$(PYTEST)

demo: $(DEMO)/.ready  ## draw a street, read it, leave demo/annotated.jpg; installs the reading part only
	mkdir -p demo
	$(DEMO)/bin/python examples/draw_street.py demo/street.png
	$(DEMO)/bin/lprkit read demo/street.png --draw demo/read
	mv demo/read/street.jpg demo/annotated.jpg
	rmdir demo/read

$(DEMO)/.ready: pyproject.toml $(shell find src -type f -not -name '*.pyc' 2>/dev/null)
	test -x $(DEMO)/bin/python || $(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install $(PIP_QUIET) .
	touch $@

docs: $(READY)  ## regenerate the generated parts of docs/
	$(BIN)/python docs/make.py

accuracy: $(READY)  ## measure the bundled weights on every set of ../shared/data/dev into docs/accuracy.md
	$(BIN)/python benchmarks/accuracy.py

bench: $(READY)  ## time the reading of a 1280x720 frame
	$(BIN)/lprkit bench

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
