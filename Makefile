# Everything runs in a virtual environment of its own, made on first use.
#
#   make demo       set up, then tell the story of a token that loses sync
#   make test       set up, then run the tests (minutes)
#   make test-full  the same and what takes long: kills, soaks, brute force
#   make servers    set up privacyIDEA, which some tests ask; make test does too
#   make frameworks set up labgrid, Robot Framework and OpenHTF for others; likewise
#   make lint       ruff and mypy
#   make bench      benchmarks: ratios against a peer in the same run
#   make docs       draw again what is generated from the code
#   make clean      remove the virtual environment and caches

VENV ?= .venv
# The first that is there and new enough; PYTHON=... to choose.
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3.14 python3,$(if $(shell command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(p))))
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
WORKERS ?= auto

.PHONY: demo test test-full servers frameworks lint bench docs clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

$(VENV)/pip.stamp:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/run.stamp: $(VENV)/pip.stamp pyproject.toml
	$(PIP) install -e '.[portal,trace,web]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	$(PIP) install --group dev
	@touch $@

# It pins much of what we have too, so it has an environment of its own. The facts that the
# tests assert of it are those of this version.
SERVERS := $(VENV)/servers
$(SERVERS)/privacyidea.stamp: $(VENV)/pip.stamp
	$(BIN)/python -m venv $(SERVERS)/privacyidea
	$(SERVERS)/privacyidea/bin/python -m pip --disable-pip-version-check -q install 'privacyidea==3.14.*'
	@touch $@

servers: $(SERVERS)/privacyidea.stamp

# Each has an environment of its own, with ours as it is here.
FRAMEWORKS := $(VENV)/frameworks
INTO = $(PIP) --python $(FRAMEWORKS)/$* install

frameworks: $(addprefix $(FRAMEWORKS)/,labgrid.stamp robot.stamp openhtf.stamp)

$(FRAMEWORKS)/labgrid.stamp: NEEDED := -e . 'labgrid>=26'
# Its build of pyserial has the same files as ours: the last one installed is there.
$(FRAMEWORKS)/labgrid.stamp: LAST := --force-reinstall --no-deps pyserial-labgrid
$(FRAMEWORKS)/robot.stamp: NEEDED := -e '.[robot]'
$(FRAMEWORKS)/openhtf.stamp: NEEDED := -e . 'openhtf>=1.6'

$(FRAMEWORKS)/%.stamp: $(VENV)/pip.stamp pyproject.toml
	$(BIN)/python -m venv --without-pip $(FRAMEWORKS)/$*
	$(INTO) $(NEEDED)
	$(if $(LAST),$(INTO) $(LAST))
	@touch $@

APART = $(MAKE) -s -k servers frameworks || echo "what can't be set up here is not tested" >&2

demo: $(VENV)/run.stamp
	@$(BIN)/galh demo

# Hundreds of processes are started, and each would compile anew what it imports.
test test-full: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/dev.stamp
	@$(APART)
	$(BIN)/python -m pytest -q -n $(WORKERS)

test-full: $(VENV)/dev.stamp
	@$(APART)
	$(BIN)/python -m pytest -q -n $(WORKERS) --full

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/dev.stamp
	@for script in benchmarks/bench_*.py; do echo; echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/generate_scenarios.py
	$(BIN)/python docs/draw.py
	$(BIN)/python docs/shots.py
	$(BIN)/python docs/portal_shots.py

clean:
	rm -rf $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
