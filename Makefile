# Everything runs in .venv, which the first target that needs it makes.
# Another Python 3.10 than the one that is found: make run PYTHON=/path/to/python3.10

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/made-from-the-lock
LOCK := requirements.lock
LINTED := $(wildcard *.py) $(wildcard core schema preprocessing models components metadata \
	registry report pipeline kubeflow onboarding cli tests benchmarks)
CONFIG ?= configs/taxi.yaml
ROWS ?= 15000,150000,1500000
IMAGE ?= millrace:dev
PYTEST_FLAGS ?=

export PYTHON
export TF_USE_LEGACY_KERAS := 0
export TF_CPP_MIN_LOG_LEVEL := 3

.DEFAULT_GOAL := help
.PHONY: help env run test lint bench bench-quality lock image kind-up kind-down clean clean-all

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

env: $(STAMP) ## Make the environment in .venv (again only when the lock has changed)

$(STAMP): $(LOCK) setup.py scripts/make-environment
	@scripts/make-environment $(VENV) dev
	@touch $@

run: $(STAMP) ## Run the whole pipeline on bundled taxi trips
	@$(BIN)/millrace run $(CONFIG)

test: lint ## Lint, types, import contracts and all tests, on all cores
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(PYTEST_FLAGS)

lint: $(STAMP) ## Style (ruff) and types (mypy)
	$(BIN)/ruff check $(LINTED)
	$(BIN)/ruff format --check $(LINTED)
	$(BIN)/mypy

bench: $(STAMP) ## Compare with stock TFX (long: 15 thousand to 1.5 million rows)
	$(BIN)/python -m benchmarks.compare --rows $(ROWS)

bench-quality: $(STAMP) ## Compare with scikit-learn on public tables (DATA= their folder)
	$(BIN)/python -m benchmarks.quality $(if $(DATA),--data $(DATA))

lock: $(STAMP) ## Compile requirements*.in into requirements.lock (LOCK_FLAGS=--upgrade for newer)
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url \
		--python-version 3.10 --python-platform x86_64-unknown-linux-gnu \
		--custom-compile-command "make lock" $(LOCK_FLAGS) \
		requirements.in requirements-dev.in --output-file $(LOCK)

image: ## Build the container image and try it (IMAGE=; see scripts/build-image)
	@scripts/build-image $(IMAGE)

kind-up: $(STAMP) ## A Kubeflow on this machine, with a run of CONFIG (needs Docker and kind)
	@CONFIG=$(CONFIG) IMAGE=$(IMAGE) scripts/kind-up

kind-down: ## Delete what kind-up made
	@scripts/kind-down

clean: ## Remove caches and build outputs; runs and models stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find . -name .venv -prune -o -name .millrace -prune -o -name __pycache__ -print0 \
		| xargs -0 rm -rf

clean-all: clean ## Remove also the environment
	rm -rf $(VENV)
