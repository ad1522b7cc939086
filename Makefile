# Two commands do everything on a fresh machine:
#   make demo   makes an environment, a flawed take and a master of it, and prints the report
#   make test   runs all that continuous integration runs
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TOOLS := ffmpeg sox espeak-ng libebur128-1 chromium time

.PHONY: demo test format docs tools clean

demo: $(VENV)/.installed
	$(BIN)/asmrmaster demo demo

test: $(VENV)/.tested tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n auto

format: $(VENV)/.tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed
	$(BIN)/python -m asmrmaster.views.reference docs

# Independent meters the tests compare with. Without them those tests say by name that they skip.
tools:
	@command -v ffmpeg >/dev/null && command -v sox >/dev/null && command -v espeak-ng >/dev/null \
	  && command -v chromium >/dev/null \
	  && ldconfig -p 2>/dev/null | grep -q libebur128 \
	  || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] \
	       && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(TOOLS) >/dev/null; } \
	  || echo "Not installed: some of $(TOOLS). Tests that need them will say that they skip."

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "asmrmaster needs Python 3.11 or later; call make with PYTHON=python3.12, say"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) demo build dist
