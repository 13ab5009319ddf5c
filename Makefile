# Everything runs in .venv; the two commands a newcomer needs are `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-report
# Processes that `make test` runs the tests in.
WORKERS ?= 2

.PHONY: demo test lint bench test-real environment clean

# A working environment is kept, and only brought up to date when pyproject.toml changed.
$(BIN)/acoustic-sib: pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(MAKE) --no-print-directory environment
	@echo "installing into $(VENV); the first time this takes a minute or two"
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# --clear: an environment that another Python, or one without ensurepip, began is of no use.
environment:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "acoustic-sib needs Python 3.11 or newer; name one, as in: make demo PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.dev: $(BIN)/acoustic-sib
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

$(VENV)/.dask: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --editable '.[dev,dask]'
	@touch $@

demo: $(BIN)/acoustic-sib
	$(BIN)/acoustic-sib demo --out '$(OUT)'

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# One thread of linear algebra in each process: more only wait for one another. A process that has
# no tests left takes some of another's, from their end.
test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term

# Speed, memory and rates over many seeds: minutes to an hour, never part of `make test`.
bench: $(VENV)/.dev
	$(BIN)/python -m pytest -m 'bench or slow' -s tests

# A real browser, a real Dask cluster, a fresh install of the wheel, real pretrained encoders.
test-real: $(VENV)/.dask
	$(BIN)/python -m pytest -m 'real or network-install' -s tests

clean:
	rm -rf $(VENV) dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
