# Everything but `make bench` runs in .venv, which the first target that needs it makes. PYTHON
# chooses the interpreter it is made with (3.10 or newer).
PYTHON ?= python3
PYTEST = .venv/bin/python -m pytest
# Only a run of all tests reaches the limit, and only CI promises that all run: there a missing
# Engine is a failure.
ifeq ($(CI),true)
COVERED = --fail-under=95
endif
# Besides this machine's own, or the next newer ones that Debian has.
RELEASES = 26.1 28.5
# The API versions at which the Engine of dockerapi.testing is tested as a real one is; the one that
# takes long comes first.
FAKES = 1.19 1.55 1.0 1.2 1.6 1.7 1.12
# How often `make bench` does each job.
ROUNDS = 5
# pyenv keeps interpreters off PATH; tox finds them there.
PYENV_ROOT ?= $(HOME)/.pyenv
# How long `make fuzz` fuzzes each target.
SECONDS = 60
# How long `make soak` works on an Engine that is restarted or killed every minute.
MINUTES = 20
EMPTY :=
INTERPRETERS = $(subst $(EMPTY) ,:,$(wildcard $(PYENV_ROOT)/versions/3.*/bin))

.DELETE_ON_ERROR:
.PHONY: help quickstart test test-engines test-fake engine-own lint types unit live fuzz soak tox bench docs clean

help:
	@echo "make quickstart   install into .venv and run the first example: on an Engine, or an embedded one"
	@echo "make test         lint, types, unit tests, live tests; with coverage"
	@echo "make test-engines the live tests against Engines $(RELEASES), and with more API versions"
	@echo "make test-fake    the live tests against the Engine of dockerapi.testing, at API $(FAKES)"
	@echo "make lint, types, unit, live   one of them"
	@echo "make fuzz         guided by coverage, each target for SECONDS ($(SECONDS)); keeps what it finds in .fuzz"
	@echo "make soak         MINUTES ($(MINUTES)) of work on an Engine that restarts and dies; counts, and what is left"
	@echo "make tox          lint, types and unit tests on every Python here and with oldest dependencies"
	@echo "make bench        dockerapi beside docker-py and plain sockets; JOBS=... and ROUNDS=5 choose"
	@echo "make docs         write docs/api-versions.md from the ledger of API versions"
	@echo "make clean        remove .venv, .bench and everything else that is generated"

quickstart: .venv/installed
	.venv/bin/python examples/quickstart.py

# Not pytest's own plugin for coverage: it begins after pytest has loaded ours, and so the package.
test: lint types
	.venv/bin/python -m coverage run -m pytest
	.venv/bin/python -m coverage report $(COVERED)

# Two at a time: a live test waits more than it works.
test-engines: .venv/installed-dev
	PYTHONPATH=tests .venv/bin/python -m live.releases $(RELEASES)
	$(MAKE) --jobs=2 --output-sync=target $(RELEASES:%=engine-%) engine-own $(FAKES:%=fake-%)

test-fake: .venv/installed-dev
	$(MAKE) --jobs=2 --output-sync=target $(FAKES:%=fake-%)

engine-own: .venv/installed-dev
	$(PYTEST) tests/live --api=1.12,1.15,1.24

engine-%: .venv/installed-dev
	$(PYTEST) tests/live --ignore=tests/live/test_engine.py --engine=$* --api=1.24,1.44,negotiated

fake-%: .venv/installed-dev
	$(PYTEST) tests/live --engine=fake-$* --api=negotiated

lint: .venv/installed-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache

types: .venv/installed-dev
	.venv/bin/mypy

unit: .venv/installed-dev
	$(PYTEST) -m "not live"

live: .venv/installed-dev
	$(PYTEST) -m live

fuzz: .venv/installed-dev
	PYTHONPATH=tests .venv/bin/python -m fuzz.run --seconds=$(SECONDS)

soak: .venv/installed-dev
	PYTHONPATH=tests .venv/bin/python -W error -m live.soak --minutes=$(MINUTES)

tox: .venv/installed-dev
	PATH="$(INTERPRETERS):$$PATH" .venv/bin/tox

bench: .bench/installed
	.bench/bin/python -m benchmarks --rounds $(ROUNDS) $(if $(JOBS),--jobs $(JOBS))

docs: .venv/installed
	.venv/bin/python docs/api_versions.py > docs/api-versions.md

clean:
	rm -rf .venv .bench .tox .coverage .fuzz .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed: setup.cfg pyproject.toml | .venv/bin/python
	.venv/bin/python -m pip install --quiet --editable .
	@touch $@

.venv/installed-dev: setup.cfg pyproject.toml | .venv/bin/python
	.venv/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $@ .venv/installed

# An environment of its own: docker-py imports paramiko, too, wherever it finds it.
.bench/installed: setup.cfg pyproject.toml | .bench/bin/python
	.bench/bin/python -m pip install --quiet --editable '.[bench]'
	@touch $@

# Debian's python3 comes without ensurepip, and so may make environments only without pip; the
# pip beside it then installs one.
.venv/bin/python .bench/bin/python:
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
		$(PYTHON) -m venv --clear $(@:/bin/python=); \
	else \
		$(PYTHON) -m venv --clear --without-pip $(@:/bin/python=) && \
		$(PYTHON) -m pip --python $@ install --quiet pip; \
	fi
