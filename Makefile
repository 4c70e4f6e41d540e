# `make report`, `make quick` and `make test` each do everything on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RAW := data/raw/sample
OUT := publications
WORKERS ?= logical
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

# The tests start many Pythons: none compiles again what another has compiled.
quick test proof: export PYTHONDONTWRITEBYTECODE =

.PHONY: report quick test proof lint spark docs lock audit clean delete-publications

report: $(VENV)/report.stamp
	$(BIN)/obs sample $(RAW)
	$(BIN)/obs build --raw $(RAW) --out $(OUT)

# While working: four tests in five, no browser, no edition.
quick: $(VENV)/test.stamp
	$(PYTEST) -m "not slow and not browser and not proof"

# Before landing: all but the proofs.
test: $(VENV)/test.stamp lint
	$(PYTEST) -m "not proof"

# Before a release: everything, proofs included; a slow test that nobody marked so fails.
proof: $(VENV)/test.stamp lint
	$(PYTEST) --hypothesis-profile=proof --unmarked-limit=2 --durations=20
	$(BIN)/python bench/mutants.py --each 38

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .

# The documentation site, tutorial run: open build/docs/index.html. A warning stops it.
docs: $(VENV)/docs.stamp
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/doctrees docs build/docs

# The engine beyond one machine, for an observatory that names it; its tests are then no longer skipped. Java
# comes from the system's packages.
spark: $(VENV)/spark.stamp

# Pinned versions with hashes, for every platform, and the bill of materials of what publishes an edition;
# rewritten only when a dependency is changed.
lock: $(VENV)/test.stamp
	$(BIN)/uv pip compile pyproject.toml --group build --universal --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --extra test --universal --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet --constraint requirements.lock --output-file requirements-test.lock
	$(BIN)/uv pip compile pyproject.toml --group build --extra docs --universal --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet --constraint requirements-test.lock --output-file requirements-docs.lock
	$(BIN)/uv pip compile pyproject.toml --group build --extra spark --universal --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet --constraint requirements-test.lock --output-file requirements-spark.lock
	$(BIN)/uv pip compile pyproject.toml --group build --universal --no-emit-index-url --no-header --quiet \
	  --constraint requirements.lock | $(BIN)/python .ci/bill_of_materials.py requirements.cdx.json

# Whether a pinned version has a known vulnerability; where the database is not reached, that is said.
audit: $(VENV)/test.stamp
	$(BIN)/python .ci/known_vulnerabilities.py requirements.lock

# What a command makes again. Publications, their ledger and the register of deliveries (data/processed) are not:
# they are what readers know, and what was delivered when.
clean:
	rm -rf $(VENV) build dist docs/made .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Every edition and the ledger: what readers know is forgotten. For synthetic data, or with a copy kept.
delete-publications:
	rm -rf $(OUT) data/processed/published

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name it with: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/report.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/docs.stamp: requirements-docs.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-docs.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/spark.stamp: requirements-spark.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-spark.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements-test.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/report.stamp
