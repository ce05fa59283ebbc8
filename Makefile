# make run and make test set everything up themselves, from the lock files; only Python and make are needed.

PYTHON ?= python3
PORT ?= 8080
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: help run test test-long soak bench lint format requirements lock sbom clean

help:
	@echo "make run    set up, load the demo data and serve them on http://127.0.0.1:$(PORT)"
	@echo "make test   set up and run every test, in the sizes of everyday work"
	@echo "make test-long  set up and run every test at full strength; before a release"
	@echo "make soak   set up and run for long what is marked so in the tests, such as the fuzz of messages"
	@echo "make bench  set up and measure loads of a whole region, and served calls (docs/performance.md)"
	@echo "make lint   set up and check style, types and the direction of imports"
	@echo "make format rewrite the code in the project's layout"
	@echo "make requirements  write docs/requirements.md: which assertion proves which requirement row"
	@echo "make sbom   write what a release is made of, with licences, to dist/ (docs/release.md)"
	@echo "make lock   renew the lock files after a change of dependencies"
	@echo "make clean  remove the virtual environment and the demo register"

run: $(VENV)/run
	$(BIN)/fastkontakt serve --demo --port $(PORT)

# On all cores and one more, up to four: much of what the tests do is to wait. Each has a PostgreSQL of its own. Each begins with a piece of its
# own, as tests that follow each other share what is costly to make, and then takes from the others' pieces.
TESTERS := $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n > 3 ? 4 : n + 1)))
PYTEST := $(BIN)/python -m pytest --numprocesses $(TESTERS) --dist worksteal

test: $(VENV)/dev
	$(PYTEST)

# The sizes of both are where the tests say `sized`; tests/strength.py tells what else differs.
test-long: $(VENV)/dev
	TEST_STRENGTH=full $(PYTEST)

# What runs for long has the mark `soak`, and says by `sized` for how long.
soak: $(VENV)/dev
	TEST_STRENGTH=soak $(PYTEST) -m soak

bench: $(VENV)/dev
	$(BIN)/python -m tests.bench $(BENCH)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements: $(VENV)/dev
	$(BIN)/python -m tests.requirements

# Spyne comes as source: what builds it is locked too, and installed first.
$(VENV)/build: requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "fastkontakt needs Python 3.11, 3.12 or 3.13; $(PYTHON) is `$(PYTHON) --version`." \
		"Name another with PYTHON=..., such as: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --require-hashes -r requirements-build.lock
	@touch $@

$(VENV)/run: $(VENV)/build requirements.lock pyproject.toml
	$(PIP) --require-hashes --no-build-isolation -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(PIP) --require-hashes --no-build-isolation -r requirements-dev.lock
	@touch $@

COMPILE := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip --quiet install uv
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
	echo setuptools | $(COMPILE) - --constraint requirements-dev.lock --output-file requirements-build.lock

# Of what runs, and no more: an environment of its own, without what tests need.
sbom: $(VENV)/dev
	rm -rf .venv-sbom
	$(PYTHON) -m venv .venv-sbom
	.venv-sbom/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-build.lock
	.venv-sbom/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-build-isolation -r requirements.lock
	.venv-sbom/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation .
	mkdir -p dist
	$(BIN)/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --mc-type application \
		--spec-version 1.6 --output-format JSON --output-file dist/fastkontakt.cdx.json .venv-sbom
	$(BIN)/python -m tests.licences dist/fastkontakt.cdx.json > dist/licences.md
	rm -rf .venv-sbom

clean:
	rm -rf $(VENV) .venv-lock .venv-sbom dist fastkontakt-demo*.sqlite3*
