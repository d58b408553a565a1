# Every command of the project. `make help` lists them; `make demo` and `make test` need nothing done before.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve worker test faults soak bench check format lock
SHELL := /bin/sh

# A Python that has wheels for all we need (3.11, 3.12), else any newer one; PYTHON=… overrides.
PYTHON ?= $(shell for p in python3.11 python3.12 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo "$$p" && break; \
	done || true)
RUN := .venv/bin/python -m
STAMP := .venv/.complete

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(STAMP)  ## make .venv with everything in it; does nothing when nothing changed

# The stamp's age is compared with what the environment is made from, so an edited lock makes it anew.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed: none found on PATH" >&2; exit 1; }
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(RUN) pip --quiet --disable-pip-version-check install --require-hashes --no-deps -r requirements.lock
	$(RUN) pip --quiet --disable-pip-version-check install --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup  ## a year of three makerspaces, the API and a worker; prints an address and tokens; Ctrl-C ends it all
	@$(RUN) makrcave_analytics demo

serve: setup  ## the API alone, with the settings of the environment
	@$(RUN) makrcave_analytics serve

worker: setup  ## one worker, with the settings of the environment
	@$(RUN) makrcave_analytics worker

test: setup  ## every test, each process of them on PostgreSQL and Redis of its own
	$(RUN) pytest --numprocesses logical --maxprocesses 4 --dist loadfile

faults: setup  ## the long fault tests: processes killed, servers restarted, connections cut, under load
	$(RUN) pytest -m faults

soak: setup  ## an hour of load with faults in it; SOAK_MINUTES=… for another time
	$(RUN) pytest -m soak

bench: setup  ## benchmarks, each row with its peer and ratio; SUITES="usage …" for some of them
	$(RUN) benchmarks $(SUITES)

check: setup  ## linters, types, import direction, fresh snapshots
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	.venv/bin/python -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-logo
	$(RUN) pytest tests/checks

format: setup  ## put the code into its format
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

lock: setup  ## resolve the dependencies anew; needs uv
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--group dev --python-version 3.11 --upgrade pyproject.toml -o requirements.lock
