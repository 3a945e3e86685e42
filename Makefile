# civicat: every verb of the project. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The browser and what its driver links to, what some tests type, what sets leaflets: Debian's names.
APT_TEST := chromium default-jre-headless libatomic1 curl strace openssl libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk fonts-liberation
# The key that `make run` signs with unless the settings name another; it is made once and never leaves this machine.
KEY := .signing-key.pem
NO_KEY := $(if $(CIVICAT_SIGNING_KEY)$(CIVICAT_SIGNING_KEY_FILE),,yes)
ifeq ($(NO_KEY),yes)
run: export CIVICAT_SIGNING_KEY_FILE := $(KEY)
endif
.DEFAULT_GOAL := help
.PHONY: help run test lint format check samples bench fuzz docs screenshots lock clean store-clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.run samples ## check, sign and publish everything under datasets/, then serve it on http://127.0.0.1:8001
	@test -z "$(NO_KEY)" || test -f $(KEY) || env -u CIVICAT_SIGNING_KEY_FILE $(BIN)/civicat new-key $(KEY) >/dev/null
	@$(BIN)/civicat publish || echo "Some datasets were not published; the others are served. 部分数据集未发布，其余照常提供。"
	@$(BIN)/civicat serve

samples: $(VENV)/.run ## unpack the samples that are too large to commit (says so when there is no network)
	@$(BIN)/python -m civicat.samples datasets

test: $(VENV)/.dev samples ## all tests, in a real browser too
	@$(MAKE) --no-print-directory .browser
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

lint: $(VENV)/.dev ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src validators publish catalog tests bench
	$(BIN)/lint-imports

format: $(VENV)/.dev ## put the code in the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test ## lint and test, as CI does

bench: $(VENV)/.dev ## measure; results are written to bench/results/
	$(BIN)/python -m bench

FUZZ_SECONDS ?= 300
fuzz: $(VENV)/.dev ## look for differences to frictionless for FUZZ_SECONDS (300) each: cells, reports, bytes
	CIVICAT_FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -s -n 0 tests/validators/test_fuzz_*.py

docs: $(VENV)/.dev ## write the generated pages anew: findings, identifiers
	$(BIN)/python -m civicat.validators.findings_page
	$(BIN)/python -m civicat.validators.identifiers.listing

screenshots: $(VENV)/.dev ## pictures of every page into docs/screenshots/ (of a running site; needs chromium and a CJK font)
	$(BIN)/python docs/take_screenshots.py

lock: ## pin every dependency anew, with hashes and without addresses (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  pyproject.toml --group build -o constraints.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  pyproject.toml --group dev -c constraints.txt -o constraints-dev.txt

clean: ## drop the environment and the caches; the store stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

store-clean: ## drop the local store: every release and the index
	rm -rf store

# ---- what the targets stand on ------------------------------------------------------------------------------
# Debian ships venv in a package of its own: root gets it, everybody else gets the line to type.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "civicat needs Python 3.11 or newer. 需要 Python 3.11 或更高版本。"; exit 2; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing python3-venv ..."; apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); \
	  else echo "Python's venv is missing. Type: sudo apt-get install -y python3-venv"; exit 2; fi; }

$(VENV)/.run: constraints.txt pyproject.toml $(VENV)/bin/python
	@echo "Installing civicat (about a minute the first time) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: constraints-dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r constraints-dev.txt
	@touch $@

.PHONY: .browser
.browser:
	@command -v dpkg-query >/dev/null || exit 0; missing=""; \
	for package in $(APT_TEST); do dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q ' installed' || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing$$missing ..."; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "For every test, type: sudo apt-get install -y$$missing   (those that need it are skipped now, and say so)"; fi; fi
