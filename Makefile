# The project's commands; `make help` lists them.

PYTHON := .venv/bin/python
PYTEST := .venv/bin/pytest
# Hundreds of processes start: where an image forbids it, each would compile all sources anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup setup-tests setup-stock setup-bench demo test test-fast kills stock bench coverage deploy-test screenshots lint clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

setup:  ## Install what is missing: servers (apt), .venv, Jasmin's environment (all other targets do this first)
	@orbit/dev/stack/install.sh

demo: setup  ## Tell the whole story against a real Jasmin and stay up until Ctrl-C; EXIT=1 ends by itself; FLEET=3: the story of three gateways
	@exec $(PYTHON) -m orbit.dev.demo $(if $(filter 1,$(EXIT)),--exit) $(if $(FLEET),--fleet $(FLEET))

setup-tests:
	@orbit/dev/stack/install.sh tests

test: setup-tests  ## Run the suite on servers of its own, and beside it on SQLite what can differ there
	ORBIT_TEST_STACK=1 $(PYTEST) -n auto --durations=25 --sqlite-too

test-fast: setup  ## Run the tests that need no server (SQLite, cache in memory)
	ORBIT_TEST_STACK=0 $(PYTEST) -n auto -m "not stack and not stock and not kills"

kills: setup  ## Prove that no kill loses anything: 2,000 messages and 20 kills, 100 kills of jasmind, 100 deaths while phones write
	ORBIT_TEST_STACK=1 $(PYTEST) -n auto -rP -m kills

setup-stock:
	@orbit/dev/stack/install.sh stock

stock: setup-stock  ## Prove what our launcher is for: the same on a stock Jasmin, with a RabbitMQ
	ORBIT_TEST_STACK=1 $(PYTEST) -n auto -m stock

setup-bench:
	@orbit/dev/stack/install.sh bench

bench: setup-bench  ## Measure (tests/benchmarks), on servers of its own, beside Debian's Kannel
	ORBIT_TEST_STACK=1 $(PYTEST) tests/benchmarks -s -p no:randomly

coverage: setup-tests  ## Run the suite and count the lines it reaches, those of processes that it starts too
	ORBIT_TEST_STACK=1 .venv/bin/coverage run -m pytest -n auto
	.venv/bin/coverage combine -q
	.venv/bin/coverage report

deploy-test: setup  ## Install the site on a bare Debian 12 (debootstrap, chroot), send, back up, restore, upgrade; as root
	@command -v debootstrap >/dev/null || apt-get install -y -qq --no-install-recommends debootstrap
	ORBIT_TEST_STACK=1 $(PYTEST) -s -m deploy tests/e2e/test_processes.py tests/deploy/clean_root.py

screenshots: setup  ## Make the documents' pictures of the console anew (docs/images)
	@orbit/dev/stack/install.sh tests
	ORBIT_TEST_STACK=1 $(PYTEST) -q tests/e2e/console/screenshots.py

lint: setup  ## Check style, format, the direction of imports, risky code, known vulnerabilities
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	@# It warns of each explained line, too: its log is shown where it fails.
	.venv/bin/bandit -q -r -c pyproject.toml orbit messaging reconciler deploy manage.py 2>.local/bandit.log \
	  || { cat .local/bandit.log; false; }
	$(PYTHON) -m orbit.dev.advisories

clean:  ## Remove everything that was made here: environments, caches, and all data under .local
	rm -rf .venv .local .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
