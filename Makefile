# Two commands do for a fresh machine: `make demo` and `make test`.
# The environment is .venv; its `longreach` is the command line.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test soak bench check docs setup lock clean

help:
	@echo "make demo   set up and plan the founding flight (examples/gulf-2020-12-10.toml)"
	@echo "make test   set up and run every test"
	@echo "make soak   the long proofs (hours): random routes, random missions, fuzzing"
	@echo "make bench  the benchmarks, peers in the same run; results kept in benchmarks/results"
	@echo "make check  ruff and mypy"
	@echo "make docs   the documentation as a site in build/docs"
	@echo "make lock   resolve the dependencies again and write the lock files"

.venv/ready: requirements.lock pyproject.toml tools/make_venv.sh
	@PYTHON="$(PYTHON)" sh tools/make_venv.sh
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/ready

demo: .venv/ready
	@$(BIN)/longreach plan examples/gulf-2020-12-10.toml -o out/gulf-2020-12-10
	@echo
	@echo "The brief is out/gulf-2020-12-10/brief.html (one file, opens in any browser)."

test: .venv/ready-dev
	@sh tools/get_chromium.sh
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not soak"

soak: .venv/ready-dev
	$(BIN)/python -m pytest -m soak -s

bench: .venv/ready-dev
	$(BIN)/python -m benchmarks

check: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/ready-dev
	$(BIN)/python -m sphinx -q -W -b html docs build/docs

lock:
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile $(LOCK_OPTIONS) --extra build -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCK_OPTIONS) --extra build --extra dev --extra bench $(EXTRAS) -c requirements.lock -o requirements-dev.lock pyproject.toml
EXTRAS := --extra grib --extra pdf --extra export --extra tables --extra assess --extra openap --extra docs
LOCK_OPTIONS := --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

clean:
	rm -rf .venv out build dist
