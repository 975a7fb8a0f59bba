# Everything one does with the project, by name. `make` lists it.

PORT ?= 8000
DEMO ?= 1
UPGRADE ?= 0
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run setup test check bench format lock translate clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  PORT=9000 serves elsewhere, DEMO=0 starts without sample people and courses,\n'
	@printf '  ARGS="-k certificate" narrows make test, UPGRADE=1 renews the pins in make lock.\n'

run: ## Set up what is missing and serve on http://127.0.0.1:8000
	@exec env PORT='$(PORT)' DEMO='$(DEMO)' deploy/setup/run.sh

setup: ## Set up what is missing without starting it, for a server
	@deploy/setup/install.sh

test: ## Set up what is missing and run all tests, on SQLite and PostgreSQL
	@deploy/setup/test.sh $(ARGS)

check: ## Format, lint, types, templates, catalogues, architecture
	@deploy/setup/check.sh

bench: ## Measure, and print a table and a JSON file
	@deploy/setup/bench.sh $(ARGS)

format: ## Format the code and mend what ruff can mend
	@deploy/setup/format.sh

lock: ## Make requirements*.txt from requirements*.in
	@UPGRADE='$(UPGRADE)' deploy/setup/lock.sh

translate: ## Bring new messages into the catalogues and compile them
	@deploy/setup/translate.sh

clean: ## Remove the environment and all caches; instance/, the data, stays
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -not -path './instance/*' -prune -exec rm -rf {} +
