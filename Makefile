# Needs python3 (3.11 or newer), pip and git. uv, Node and every package come from their registries.
#   make start ARGS="--port 4000 --no-browser"      make test ARGS="-k store"
ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := .venv/Scripts
UV := $(BIN)/uv.exe
else
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
endif
PAGE := src/moonlock/web/index.html
ARGS ?=

export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV

.PHONY: setup start demo test check bench

# --frozen takes exactly what uv.lock names, whatever index this machine prefers; `make check` sees that the lock is fresh.
# uv builds the package once per state of its sources: a page that could not be built then is tried again here.
setup: $(UV)
	@$(UV) sync --frozen --quiet
	@test -f $(PAGE) || $(UV) sync --frozen --quiet --reinstall-package moonlock
	@$(BIN)/python -m compileall -q src/moonlock # a warm report spends a fifth of its time compiling otherwise

start: setup
	@$(BIN)/moonlock start $(ARGS)

demo: setup
	@$(BIN)/moonlock start --simulation $(ARGS)

# All tests are held to the bars of coverage, a part of them is not. Many wait for a server: two at a time take half as long.
test: setup
	@$(BIN)/python -m pytest --quiet $(or $(ARGS),--cov --cov-report= --numprocesses 2 --dist worksteal)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/npm.py run check
	$(UV) lock --check --quiet

bench: setup
	@for bench in benches/bench_*.py; do echo "== $$bench"; $(BIN)/python $$bench $(ARGS) || exit 1; done

# Some systems have no ensurepip; there pip puts uv aside, and uv makes the environment.
$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try make PYTHON=python3.13")'
	@echo "Setting up, this once: uv, the packages and the page (half a minute or so)" >&2
	@{ $(PYTHON) -m venv .venv >/dev/null && $(BIN)/python -m pip install --quiet uv; } || { \
	  rm -rf .venv && $(PYTHON) -m pip install --quiet --target .venv/pip uv && \
	  .venv/pip/bin/uv venv --quiet --allow-existing .venv && cp .venv/pip/bin/uv $(UV); }
