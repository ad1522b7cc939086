# Two commands do everything on a fresh machine:
#   make demo      makes an environment, a flawed take and a master of it, and prints the report
#   make test      runs all that continuous integration runs
# and for those who work on it:
#   make format    mends what can be mended without thought
#   make docs      writes the generated pages in docs/ anew
#   make coverage  runs the tests once more, slower, and says which lines no test reaches
#   make lowest    runs the tests with the oldest releases of everything it needs
#   make release   builds sdist and wheel, and tries each in an environment of its own
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TOOLS := ffmpeg sox espeak-ng chromium

.PHONY: demo test format docs coverage lowest lowest-part release tools clean

demo: $(VENV)/.installed
	$(BIN)/asmrmaster demo demo

test: $(VENV)/.tested tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n auto --dist worksteal

format: $(VENV)/.tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed
	$(BIN)/python -m asmrmaster.views.reference docs

coverage: $(VENV)/.tested tools
	$(BIN)/python -m pytest -q -n auto --dist worksteal --cov --cov-report=
	$(BIN)/coverage report --show-missing --skip-covered --fail-under=95

lowest: $(VENV)/.tested tools
	$(BIN)/python -m tests.lowest .lowest

lowest-part: $(VENV)/.tested
	$(BIN)/python -m tests.lowest .lowest --part

release: $(VENV)/.tested
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m tests.released dist

# Independent meters and a browser for the tests. Without them those tests say by name that they skip.
tools:
	@missing=; for tool in $(TOOLS); do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	ldconfig -p 2>/dev/null | grep -q libebur128 || missing="$$missing libebur128-1"; \
	[ -z "$$missing" ] \
	  || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq \
	       && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; } \
	  || echo "Not installed:$$missing. Tests that need them will say that they skip."

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "asmrmaster needs Python 3.11 or later, and \"$(PYTHON)\" is older or cannot be run."; \
	  echo "Name another one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  rm -rf $(VENV); \
	  echo "No environment could be made: this Python lacks venv, which some systems package apart."; \
	  echo "On Debian and Ubuntu: apt-get install python3-venv. Then call make again."; exit 1; }

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .lowest demo build dist .coverage*
