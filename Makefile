# The project's commands; `make help` lists them.

PYTHON := .venv/bin/python
PYTEST := .venv/bin/pytest

.PHONY: help setup demo test test-fast bench kills screenshots lint clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

setup:  ## Install what is missing: servers (apt), .venv, Jasmin's environment (all other targets do this first)
	@orbit/stack/install.sh

demo: setup  ## Tell the whole story against a real Jasmin and stay up until Ctrl-C; EXIT=1 ends by itself
	@exec $(PYTHON) -m orbit.demo $(if $(filter 1,$(EXIT)),--exit)

test: test-fast  ## Run the whole suite: without servers on SQLite, then all of it on servers of its own
	@orbit/stack/install.sh tests
	ORBIT_TEST_STACK=1 $(PYTEST)

test-fast: setup  ## Run the tests that need no server (SQLite, cache in memory)
	ORBIT_TEST_STACK=0 $(PYTEST) -m "not stack"

bench: setup  ## Measure (tests/benchmarks), on servers of its own
	ORBIT_TEST_STACK=1 $(PYTEST) tests/benchmarks -s -p no:randomly

kills: setup  ## Kill everything 20 times while 2,000 messages go (the suite does so 10 times with 600)
	ORBIT_TEST_STACK=1 KILLS=20 KILLS_MESSAGES=2000 $(PYTEST) -rP tests/e2e/messages/test_kills.py

screenshots: setup  ## Make the README's pictures of the console anew (docs/images)
	@orbit/stack/install.sh tests
	ORBIT_TEST_STACK=1 $(PYTEST) -q tests/e2e/console/screenshots.py

lint: setup  ## Check style, format and the direction of imports
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports

clean:  ## Remove everything that was made here: environments, caches, and all data under .local
	rm -rf .venv .local .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
