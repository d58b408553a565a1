# Every command of the project. `make help` lists them; `make demo` and `make test` need nothing done before.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve worker test test-fast coverage faults soak bench check format lock
SHELL := /bin/sh

# A Python that has wheels for all we need (3.11, 3.12), else any newer one; PYTHON=… overrides.
PYTHON ?= $(shell for p in python3.11 python3.12 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo "$$p" && break; \
	done || true)
RUN := .venv/bin/python -m
STAMP := .venv/.complete
# Each process of a parallel run starts servers of its own: worth it for many tests, not for a few.
PARALLEL := --numprocesses logical --maxprocesses 4 --dist loadfile
SLOWEST := --durations=10
# Left out of a fast run: what `make check` runs, whole processes, servers, resolvers, files, long computations.
SLOW := tests/checks tests/docs tests/embedded tests/processes tests/reports tests/resolvers tests/sample \
	tests/sample_fallback tests/snapshots tests/tasks tests/web/bulk tests/period/test_bucket.py \
	tests/metrics/catalog/test_revenue.py tests/metrics/compiler/test_network.py tests/metrics/explore \
	tests/metrics/results/test_list_breakdown.py tests/metrics/test_oracle.py tests/metrics/test_usage_section.py \
	tests/recording/importing tests/recording/rollups tests/recording/test_every_kind.py tests/recording/test_histories.py \
	tests/recording/test_writers.py tests/recording/writing tests/schema/engine/test_subscriber.py \
	tests/schema/test_bad_documents.py tests/schema/test_deadline.py tests/schema/test_reports.py

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(STAMP)  ## make .venv with everything in it; does nothing when nothing changed

# The stamp is compared with what the environment is made from: an edited lock makes a new environment.
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

test: setup  ## every test, each process of them on PostgreSQL and Redis of its own; ONLY="tests/web -k socket" for some
	$(RUN) pytest $(if $(ONLY),,$(PARALLEL)) $(SLOWEST) $(ONLY)

test-fast: setup  ## the quick third of the tests, in under 90 s on two free cores
	$(RUN) pytest $(PARALLEL) $(SLOWEST) $(addprefix --ignore ,$(SLOW))

coverage: setup  ## every test, and which lines and branches none of them reached; ONLY=… for some
	$(RUN) pytest $(if $(ONLY),,$(PARALLEL)) $(SLOWEST) --cov --cov-report=term $(ONLY)

faults: setup  ## the long fault tests: processes killed, servers restarted, connections cut, under load
	$(RUN) pytest -m faults

soak: setup  ## an hour of load with faults in it; SOAK_MINUTES=… for another time
	$(RUN) pytest -m soak

bench: setup  ## benchmarks, each row with its peer and ratio; SUITES="usage …" for some of them
	$(RUN) benchmarks $(SUITES)

check: setup  ## linters, spelling, types, import direction, fresh snapshots, links of the docs
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	.venv/bin/typos
	$(RUN) mypy
	.venv/bin/python -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-logo
	$(RUN) pytest tests/checks tests/docs/test_links.py tests/docs/test_text_files.py

format: setup  ## put the code into its format
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

lock: setup  ## resolve the dependencies to the newest versions; needs uv
	uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--group dev --python-version 3.11 --upgrade pyproject.toml -o requirements.lock
