# `make` alone prints this list. Everything runs from a fresh checkout; the long steps live in deploy/.

HOST ?= 127.0.0.1
PORT ?= 8000
PY := .venv/bin/python
LOCK := $(PY) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-header --no-annotate pyproject.toml

# A stray .env must not change what a command does.
export FLASK_SKIP_DOTENV := 1

.DEFAULT_GOAL := help
.PHONY: help setup run cluster test test-postgres check fix bench bench-check faults shots translations lock

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: ## make or refresh .venv from the locked packages
	@deploy/setup

run: export BMU_DEMO ?= 1
run: setup ## start the app on http://127.0.0.1:8000 (HOST, PORT), with demo data on first start
	$(PY) -m flask --app wsgi db upgrade
	$(PY) -m flask --app wsgi seed demo --if-empty
	exec $(PY) -m gunicorn wsgi:app -b '$(HOST):$(PORT)'

cluster: export BMU_DEMO ?= 1
cluster: setup ## the same app as several processes on PostgreSQL, Redis and nginx (PORT, ARGS='--apps 4')
	@deploy/cluster-needs
	exec $(PY) -m deploy.cluster --port $(PORT) $(ARGS)

test: setup ## run all tests, browser tests included (ARGS='-k words' to choose)
	@deploy/test-needs
	@deploy/cluster-needs
ifdef ARGS
	$(PY) -m pytest $(ARGS)
else
	$(PY) -m pytest -q -m timed
	$(PY) -m pytest -n 2 -m 'not timed and not long and not bench'
endif

test-postgres: setup ## run the tests without a server on PostgreSQL instead of SQLite (ARGS as for test)
	@deploy/cluster-needs
	$(PY) -m deploy.cluster.lend $(PY) -m pytest --ignore=tests/browser --ignore=tests/faults --ignore=tests/cluster $(ARGS)

check: setup ## look at format, lint and types
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

fix: setup ## format and repair what ruff can
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: setup ## measure speed and capacity (ARGS='save paint --write' for some parts)
	@deploy/test-needs
	@deploy/cluster-needs
	$(PY) -m tests.bench $(ARGS)

bench-check: setup ## say what got slower or larger by a fifth (ARGS=--keep to keep what is found)
	@deploy/test-needs
	$(PY) -m tests.bench.check $(ARGS)

faults: setup ## break running servers in every way we know (ARGS='--points 100 --seed 2 --shape sqlite')
	@deploy/test-needs
	@deploy/cluster-needs
	$(PY) -m pytest tests/faults tests/cluster -m long
	$(PY) -m tests.faults $(ARGS)

shots: setup ## take the pictures of docs/images anew
	@deploy/test-needs
	BMU_SHOTS=1 $(PY) -m pytest -q tests/browser/test_pictures.py

translations: setup ## collect the Thai words for the English catalogue, and compile it
	@deploy/translations

lock: setup ## write both requirements.txt anew from pyproject.toml (ARGS=--upgrade)
	$(LOCK) --output-file requirements.txt $(ARGS)
	$(LOCK) --group dev --constraints requirements.txt --output-file tests/requirements.txt $(ARGS)
