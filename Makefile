# Everything but `make bench` and `make docs` runs in .venv, which the first target that needs it
# makes. PYTHON chooses the interpreter it is made with (3.10 or newer).
PYTHON ?= python3
# Tests that are compiled anew in each process of a run take longer to compile than many to run.
unexport PYTHONDONTWRITEBYTECODE
# How many processes test at once: two cores have time for more, since live tests wait much.
WORKERS = 4
# A file is run by one of them, the live ones first: those take longest. One that crashes is not
# begun again: xdist would then wait for ever for the rest of its file.
BY = loadfile
PARALLEL = -n $(WORKERS) --dist $(BY) --no-loadscope-reorder --max-worker-restart=0
PYTEST = .venv/bin/python -m pytest $(PARALLEL)
# In CI, what failed is run once more by itself: a real Engine on a busy machine is not always its own
# master. Both runs are shown. A run that was cut short, or a worker that crashed, is not made good.
AGAIN = [ $$? = 1 ] && [ "$$CI" = true ] && \
	.venv/bin/python -m pytest --verbose --last-failed --last-failed-no-failures=none
# Engines besides this machine's own, or the next newer ones that Debian has. In `make nightly` they
# are tested with PINS of the API, this machine's own with OWN_PINS, and Podman is tested, too.
RELEASES = 26.1 28.5
PINS = 1.24,1.44,negotiated
OWN_PINS = 1.12,1.15,1.24
# The API versions at which the Engine of dockerapi.testing is tested as a real one is; the one that
# takes long comes first.
FAKES = 1.19 1.55 1.0 1.2 1.6 1.7 1.12
# The versions of the API that an Engine is tested with.
API = negotiated
# Which tests this machine's Engine gets, and which others; `make nightly` gives all to each.
CHOSEN = -m "not nightly"
OTHERS = -m "not (nightly or ours)"
# How often `make bench` and `make bench-live` do each job, and on which Engines the latter does.
ROUNDS = 5
ENGINES = 20.10 28.5
# pyenv keeps interpreters off PATH; tox finds them there.
PYENV_ROOT ?= $(HOME)/.pyenv
# How long `make fuzz` fuzzes each target.
SECONDS = 60
# How long `make soak` works on an Engine that is restarted or killed every minute.
MINUTES = 20
EMPTY :=
INTERPRETERS = $(subst $(EMPTY) ,:,$(wildcard $(PYENV_ROOT)/versions/3.*/bin))

.DELETE_ON_ERROR:
.PHONY: help quickstart check test covered nightly test-engines test-pins test-fake engine-own
.PHONY: lint types unit live programs fuzz soak tox bench bench-live bench-guard docs api-versions
.PHONY: clean

help:
	@echo "make quickstart   install into .venv and run the first example: on an Engine, or an embedded one"
	@echo "make check        a minute: lint, types, and the quick unit tests of the client"
	@echo "make test         six or seven minutes: lint, types, all unit tests, the live tests on one Engine"
	@echo ".ci/run           fifteen minutes: the site, that with coverage, other Engines, the fake one, fuzz"
	@echo "make nightly      hours: what takes minutes, 1,000 examples, every version of every Engine"
	@echo
	@echo "make lint, types, unit, live   one of them"
	@echo "make covered      make test with coverage"
	@echo "make test-engines the live tests against Engines $(RELEASES), and make test-fake"
	@echo "make test-pins    the same with API $(PINS), and $(OWN_PINS) with this machine's own"
	@echo "make test-fake    the live tests against the Engine of dockerapi.testing, at API $(FAKES)"
	@echo "make programs     install what live tests use, as root on Debian, or say what is missing"
	@echo "make fuzz         guided by coverage, each target for SECONDS ($(SECONDS)); keeps what it finds in .fuzz"
	@echo "make soak         MINUTES ($(MINUTES)) of work on an Engine that restarts and dies; counts, and what is left"
	@echo "make tox          lint, types and unit tests on every Python here and with oldest dependencies"
	@echo "make bench        dockerapi beside docker-py and plain sockets; JOBS=... and ROUNDS=5 choose"
	@echo "make bench-live   the same and three other clients on real Engines, as root on Debian"
	@echo "make bench-guard  whether three jobs are much slower, beside docker-py, than docs/benchmarks.md says"
	@echo "make docs         build the site into docs/_build/html"
	@echo "make api-versions write docs/api-versions.md and filters.md from the ledger"
	@echo "make clean        remove .venv, .bench, .docs and everything else that is generated"

quickstart: .venv/installed
	.venv/bin/python examples/quickstart.py

# Half of the time of these tests is waiting; a worker without tests takes those of another.
check: BY = worksteal
check: lint types
	$(PYTEST) --hypothesis-profile=dev -m "not (dear or nightly)" --ignore=tests/testing --ignore=tests/live

test: lint types programs
	$(PYTEST) $(CHOSEN) || { $(AGAIN) $(CHOSEN); }

# The variable has each process measured from its start. pytest's own plugin would begin after ours is
# loaded, and so the package. What was covered is also said when a test fails.
covered: .venv/installed-dev
	rm -f .coverage .coverage.*
	$(MAKE) test PYTEST="COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml $(PYTEST)"; status=$$?; \
		.venv/bin/python -m coverage combine --quiet; \
		.venv/bin/python -m coverage report --fail-under=95 && exit $$status

nightly: lint types programs
	$(PYTEST) --hypothesis-profile=nightly
	$(MAKE) test-engines RELEASES="$(RELEASES) podman-5 podman-4.3" CHOSEN= OTHERS=
	$(MAKE) test-pins CHOSEN= OTHERS=
	$(MAKE) fuzz SECONDS=300
	$(MAKE) soak

test-engines: programs
	PYTHONPATH=tests .venv/bin/python -m live.releases $(RELEASES)
	$(MAKE) $(RELEASES:%=engine-%) $(FAKES:%=fake-%)

test-pins: programs
	$(MAKE) $(RELEASES:%=engine-%) engine-own API=$(PINS)

test-fake: $(FAKES:%=fake-%)

engine-own: .venv/installed-dev
	$(PYTEST) tests/live $(CHOSEN) --api=$(OWN_PINS)

engine-%: ON_ENGINE = tests/live --ignore=tests/live/test_engine.py $(OTHERS) --engine=$* --api=$(API)
engine-%: .venv/installed-dev
	$(PYTEST) $(ON_ENGINE) || { $(AGAIN) $(ON_ENGINE); }

fake-%: ON_FAKE = tests/live $(CHOSEN) --engine=fake-$* --api=negotiated
fake-%: .venv/installed-dev
	$(PYTEST) $(ON_FAKE) || { $(AGAIN) $(ON_FAKE); }

lint: .venv/installed-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache

types: .venv/installed-dev
	.venv/bin/mypy

unit: .venv/installed-dev
	$(PYTEST) -m "not (live or nightly)"

live: programs
	$(PYTEST) -m "live and not nightly"

programs: .venv/installed-dev
	@PYTHONPATH=tests .venv/bin/python -m live.programs

fuzz: .venv/installed-dev
	PYTHONPATH=tests .venv/bin/python -m fuzz.run --seconds=$(SECONDS)

soak: .venv/installed-dev
	PYTHONPATH=tests .venv/bin/python -W error -m live.soak --minutes=$(MINUTES)

tox: .venv/installed-dev
	PATH="$(INTERPRETERS):$$PATH" .venv/bin/tox

bench: .bench/installed
	.bench/bin/python -m benchmarks --rounds $(ROUNDS) $(if $(JOBS),--jobs $(JOBS))

bench-live: .bench/installed
	PYTHONPATH=tests .bench/bin/python -m benchmarks.live --rounds $(ROUNDS) --releases $(ENGINES)

bench-guard: .bench/installed
	.bench/bin/python -m benchmarks --guard

docs: .docs/installed api-versions
	.docs/bin/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "the site is in docs/_build/html/index.html"

api-versions: .venv/installed
	.venv/bin/python docs/api_versions.py > docs/api-versions.md
	.venv/bin/python docs/filters.py > docs/filters.md

clean:
	rm -rf .venv .bench .docs docs/_build .tox .coverage .coverage.* .fuzz .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed: setup.cfg pyproject.toml | .venv/bin/python
	@echo "installing dockerapi into .venv"
	.venv/bin/python -m pip install --editable .
	@touch $@

.venv/installed-dev: setup.cfg pyproject.toml | .venv/bin/python
	@echo "installing dockerapi and what its tests use into .venv; this takes a minute or two"
	.venv/bin/python -m pip install --editable '.[dev]'
	@touch $@ .venv/installed

# An environment of its own: docker-py imports paramiko, too, wherever it finds it.
.bench/installed: setup.cfg pyproject.toml | .bench/bin/python
	.bench/bin/python -m pip install --quiet --editable '.[bench]'
	@touch $@

# Sphinx brings thirty packages that no test should find by chance.
.docs/installed: setup.cfg pyproject.toml | .docs/bin/python
	.docs/bin/python -m pip install --quiet --editable '.[docs]'
	@touch $@

# Debian's python3 comes without ensurepip, and so may make environments only without pip; the
# pip beside it then installs one.
.venv/bin/python .bench/bin/python .docs/bin/python:
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
		$(PYTHON) -m venv --clear $(@:/bin/python=); \
	else \
		$(PYTHON) -m venv --clear --without-pip $(@:/bin/python=) && \
		$(PYTHON) -m pip --python $@ install --quiet pip; \
	fi
