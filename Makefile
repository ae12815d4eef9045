# Two commands do everything on a fresh machine with Python >= 3.11, git and make:
#   make demo    virtual environment, installation, the main job on the shipped samples
#   make test    installs what testing needs, on Debian as root Chromium too; style, types, tests,
#                doctests
#   make browser only the tests that open the map and the report in Chromium
#   make verify all tests, those that take longest too, and how much of src they reach (90 %);
#               1,000 mutated inputs and 6,000 odd geometries, seeded: no traceback, no hang;
#               300 random scenarios: equal to full runs, cell for cell;
#               isochrones of 2,000 areas and points on whole metres, true to their promise;
#               1,000 towns of known truth: intervals of 95 % hold it in 93 to 97 %
#   make docs    the documentation as a site, in out/docs/index.html
#   make clauses writes docs/clauses.md of docs/clauses.toml
#   make notebooks runs the notebooks and keeps what they show
# Others: make pictures (docs/images, with Chromium), make lint, make clean.

VENV   ?= .venv
OUT    ?= out/demo
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
    if command -v $$p >/dev/null 2>&1 && \
       $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
    then command -v $$p; break; fi; done)

# Two processes; the files that take longest begin (tests/tried.py).
BOTH := -n 2 --dist loadfile --no-loadscope-reorder

# What many processes of one run load is compiled by the first of them.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test browser verify docs clauses notebooks lint kernels tests chromium pictures clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.base
	$(BIN)/quarterhour demo --out $(OUT)

# Two things at a time, as far as one does not wait for the other.
test:
	$(MAKE) --jobs 2 $(VENV)/.test chromium
	$(MAKE) --jobs 2 lint tests

tests: kernels
	$(BIN)/python -m pytest $(BOTH) -m "not long" --durations=25 --doctest-modules src tests

browser: $(VENV)/.test chromium
	QUARTERHOUR_REQUIRE_BROWSER=1 $(BIN)/python -m pytest tests/browser

verify: $(VENV)/.test
	$(BIN)/python -m pytest $(BOTH) --doctest-modules src tests --cov --cov-fail-under=90
	$(BIN)/python tests/verify/mutated_inputs.py
	$(BIN)/python tests/verify/random_scenarios.py
	$(BIN)/python tests/verify/round_metres.py
	$(BIN)/python tests/verify/known_truth.py

docs: $(VENV)/.docs
	rm -rf out/docs out/docs-work  # the pictures share what the first of them computes
	$(BIN)/python -m sphinx -b html -W --keep-going -q -d out/docs-work/doctrees docs out/docs

lint: $(VENV)/.test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

# Both may have to ask apt-get, and one has to wait for the other then.
chromium: $(VENV)/.made
	.ci/chromium

kernels: $(VENV)/.test
	$(BIN)/python tests/compile_kernels.py

pictures: $(VENV)/.test chromium
	$(BIN)/quarterhour demo --out $(OUT) --pictures docs/images
	$(BIN)/python tests/browser/pictures.py docs/images

clauses: $(VENV)/.base
	$(BIN)/python docs/clauses.py

notebooks: $(VENV)/.test
	$(BIN)/python notebooks/keep.py

clean:
	rm -rf $(VENV) out .mypy_cache .pytest_cache .ruff_cache .coverage

# The stamps: an environment, what the library needs, what its tests need besides.
$(VENV)/.made: Makefile .ci/venv
	.ci/venv "$(PYTHON)" $(VENV)
	@touch $@

$(VENV)/.base: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[map]'
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.base

$(VENV)/.docs: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@ $(VENV)/.base
