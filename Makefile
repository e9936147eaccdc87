# The two commands of a newcomer are `make demo` and `make test`; `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PORT
ifdef SCORECARD_DATA_DIR
export SCORECARD_DATA_DIR
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo test dev lint types format security packages messages lock screenshots clean

help:  ## This list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):[^#]*## /make \1\t/' | expand -t 18

setup:  ## Virtual environment, pinned dependencies, translations; done by the other commands where needed
	@$(PYTHON) scripts/start.py setup --dev

demo:  ## Set everything up and serve it with demonstration data; PORT=8001 changes the port, Ctrl-C ends it
	@$(PYTHON) scripts/start.py demo

test:  ## Set up and run the whole test suite; ARGS="-k word" passes words on to pytest
	@$(PYTHON) scripts/start.py test $(ARGS)

dev: setup  ## Serve with automatic reload and debug pages (on the data of the demonstration)
	@$(PYTHON) scripts/start.py demo --prepare
	@DEBUG=1 DEMO=1 $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

lint: setup  ## Style of Python and templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --lint templates
	@$(BIN)/python scripts/messages.py check

types: setup  ## Type checks
	@$(BIN)/mypy

security: setup  ## Known bad habits in the code, and Django's own deployment check
	@$(BIN)/bandit -q -c pyproject.toml -r scorecard banks assessments scripts
	@$(PYTHON) scripts/start.py deploy_check

packages: setup  ## Licences of the packages, the bill of materials (test-results/sbom.json), known weaknesses
	@mkdir -p test-results
	@$(BIN)/python scripts/packages.py licences
	@$(BIN)/python scripts/packages.py sbom test-results/sbom.json
	@$(BIN)/python scripts/packages.py weaknesses

format: setup  ## Put Python files into the common form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

messages: setup  ## Compile the translations and list what is not translated
	@$(BIN)/python scripts/messages.py compile
	@$(BIN)/python scripts/messages.py check

lock: setup  ## Resolve the requirement files again, with hashes, for every supported Python (extras stay: pip asks for them)
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras requirements-dev.in -o requirements-dev.txt

screenshots: setup  ## Take the pictures of docs/screenshots again (needs Chromium)
	@$(BIN)/python scripts/screenshots.py

clean:  ## Remove what the commands above have made: environment, demonstration data, caches
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache test-results
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.mo' -delete
