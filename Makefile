# make run     set up philtrum and open it in the browser
# make test    lint, then every test (and again on Python 3.13 where that is installed)
# make lint    style, types, layers
# make bench   accuracy and speed on clips with known twitches
# make docs    rebuild the generated parts of the documentation
# make setup   set up for development, and no more
# make lock    renew the pinned versions
# make clean   remove what make has made
#
# Needs make and Python 3.11 or newer. PYTHON=/path/to/python chooses the interpreter.

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: run test lint bench docs setup lock clean

VENV := .venv
VENV_313 := .venv-3.13
PIP_INSTALL := -m pip --disable-pip-version-check --no-input --quiet install
NETWORKS := src/philtrum/video/networks
# Threads of the linear algebra spin while they wait; with two test processes they starve each other.
export OPENBLAS_NUM_THREADS := 1

# An interpreter that is new enough and can make a virtual environment.
IS_USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
IS_313 := import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 13))
NAMES := python3 python3.14 python3.13 python3.12 python3.11 python
PYTHON ?= $(shell for name in $(NAMES); do "$$name" -c '$(IS_USABLE)' 2>/dev/null && echo "$$name" && break; done)

run: $(VENV)/run
	$(VENV)/bin/philtrum web

setup: $(VENV)/dev

# Pages look the same to every Python, so the browser tests run once.
test: lint
	$(VENV)/bin/python -m pytest -n 2
	@$(VENV)/bin/python -c '$(IS_313)' && exit; \
	for python in python3.13 "$$PYENV_ROOT"/versions/3.13.*/bin/python3.13; do \
		"$$python" -c '$(IS_313)' 2>/dev/null || continue; \
		$(MAKE) --no-print-directory PYTHON="$$python" $(VENV_313)/dev || exit; \
		echo "$(VENV_313)/bin/python -m pytest -n 2 -m 'not browser'"; \
		exec $(VENV_313)/bin/python -m pytest -n 2 -m "not browser"; \
	done

lint: $(VENV)/dev
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/dev
	@for file in benchmarks/[a-z]*.py benchmarks/video; do echo "$$file"; $(VENV)/bin/python "$$file" || exit; done

docs: $(VENV)/dev
	$(VENV)/bin/python docs/generate.py

lock: $(VENV)/dev
	$(VENV)/bin/python -m piptools compile --upgrade --output-file requirements.txt pyproject.toml
	$(VENV)/bin/python -m piptools compile --upgrade --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf .venv .venv-* build dist $(NETWORKS) .*_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Inside a virtual environment (the stem): `run` and `dev` stand for "everything is installed".
%/pyvenv.cfg:
	@"$(PYTHON)" -c '$(IS_USABLE)' 2>/dev/null || { \
		echo "philtrum needs Python 3.11 or newer with its venv module; found: $$("$(or $(PYTHON),python3)" --version 2>&1)."; \
		echo "Install it (Debian, Ubuntu: apt install python3-venv), or name one: make PYTHON=/path/to/python."; \
		exit 1; }
	@echo "Setting up philtrum in $*: the first time takes a few minutes."
	"$(PYTHON)" -m venv --clear $*

%/locked: requirements.txt | %/pyvenv.cfg
	$*/bin/python $(PIP_INSTALL) --require-hashes --requirement $<
	@touch $@

%/run: %/locked pyproject.toml CHANGELOG.md hatch_build.py $(NETWORKS).py $(NETWORKS)
	$*/bin/python $(PIP_INSTALL) --no-build-isolation --no-deps --editable .
	@touch $@

%/dev: requirements-dev.txt %/run
	$*/bin/python $(PIP_INSTALL) --require-hashes --requirement $<
	@touch $@

# The build hook fills this folder while philtrum is installed; without it, that happens again.
$(NETWORKS):
