# `make demo` and `make test` need Python 3.11 or newer and nothing else; they set up .venv first.
PYTHON ?= python3
# compiled modules stay, or each of the many processes would compile them anew
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
READY := .venv/ready
EXERCISE ?= ex04
# two more than there are processors: many tests wait, for a process of their own or a limit
WORKERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help demo test counts bench growth pictures lab release bundle outputs grade wheel lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1 \t/'

demo: $(READY) ## grade a sample class and show the result
	-@./setup-system.sh bubblewrap
	$(BIN)/course demo

test: $(READY) ## run every check
	@./setup-system.sh bubblewrap chromium postgresql
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports
	TQDM_DISABLE=1 PYTEST_XDIST_AUTO_NUM_WORKERS=$(WORKERS) $(BIN)/pytest --nbval --nbval-sanitize-with tests/support/nbval.cfg --numprocesses auto --dist loadscope --no-loadscope-reorder source tests

counts: $(READY) ## say how often the grader is right, of how many tries
	$(BIN)/python -m tests.support.counts

bench: $(READY) ## measure what grading costs, beside stock nbgrader (takes minutes)
	@./setup-system.sh bubblewrap
	TQDM_DISABLE=1 $(BIN)/python benchmarks/execution.py
	TQDM_DISABLE=1 $(BIN)/python benchmarks/training.py
	TQDM_DISABLE=1 $(BIN)/python benchmarks/checks.py
	TQDM_DISABLE=1 $(BIN)/python benchmarks/commands.py
	TQDM_DISABLE=1 $(BIN)/python benchmarks/throughput.py

growth: $(READY) ## measure classes of 10 to 1,000 submissions (keeps the numbers for `make pictures`)
	@./setup-system.sh bubblewrap
	TQDM_DISABLE=1 $(BIN)/python benchmarks/growth.py

pictures: $(READY) ## draw all pictures of README and docs anew
	@./setup-system.sh bubblewrap chromium
	$(BIN)/python -m docs.draw.house
	$(BIN)/python -m docs.draw.growth
	$(BIN)/python -m docs.draw.screens

lab: $(READY) ## open the exercise in JupyterLab, as a student does
	$(BIN)/jupyter lab $(AS_ROOT) release/ex04/1_simple_classifier.ipynb

release: $(READY) ## generate release/ from source/, and prove that nothing leaks (for another exercise: EXERCISE=ex05)
	$(BIN)/course release $(EXERCISE)

bundle: $(READY) ## pack what students need into one zip file
	$(BIN)/course bundle $(EXERCISE)

outputs: $(READY) ## run the source notebook and store its outputs
	$(BIN)/course outputs $(EXERCISE)

grade: $(READY) ## grade what lies in submitted/, write feedback/ and show the points
	$(BIN)/course release $(EXERCISE)
	$(BIN)/nbgrader autograde $(EXERCISE); graded=$$?; $(BIN)/nbgrader generate_feedback $(EXERCISE) && $(BIN)/course table $(EXERCISE) && exit $$graded

wheel: $(READY) ## build the two libraries for other courses, into dist/ (without what is this course's own)
	@rm -rf engine/build nbjudge.egg-info  # of an earlier build, or modules that are gone would come along
	@$(BIN)/pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist ./engine; built=$$?; rm -rf engine/build nbjudge.egg-info; exit $$built
	@ls dist/*.whl

RESOLVE = uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-header --quiet
lock: ## resolve the dependencies anew (needs uv); the versions in environment.yml are written by hand
	$(RESOLVE) pyproject.toml --extra dev --extra cluster --no-strip-extras --generate-hashes -o requirements.txt
	$(RESOLVE) --group students --constraint requirements.txt --no-strip-extras --generate-hashes --no-annotate -o requirements-students.txt
	$(RESOLVE) pyproject.toml --extra dev --extra cluster --constraint requirements.txt --no-annotate --strip-extras -o constraints.txt

clean: ## remove what the other targets made, but no submission and no gradebook
	rm -rf .venv demo

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer, and $(PYTHON) is older or missing. Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip; ensurepip.version()' 2>/dev/null || ./setup-system.sh "$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
	@echo "Setting up .venv; this takes a minute or two."
	@$(PYTHON) -m venv --clear .venv \
	&& $(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt \
	&& $(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . \
	|| { rm -rf .venv; exit 1; }
	@touch $(READY)
