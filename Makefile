# The commands of development. Set PYTHON to use another environment.
PYTHON ?= .venv/bin/python

.PHONY: check test coverage docs update policies mutants recall peers speed

check: ## style, types, layers, and that generated files are current
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

test: ## all tests
	$(PYTHON) -m pytest -q -n auto --dist worksteal

coverage: ## all tests, and which lines they do not reach
	$(PYTHON) -m pytest -q --cov --cov-report=term

docs: ## write what the program itself says into the documentation
	$(PYTHON) docs/generate.py

update: ## rewrite the expected outputs in fixtures/ (read the difference before you commit)
	GRANTLINT_UPDATE=1 $(PYTHON) -m pytest -q tests/test_fixtures.py

policies: ## check policies/ and compile it into the package, with the pinned opa
	$(PYTHON) -m grantlint.rego.compile policies grantlint/rego/compiled

mutants: ## change each rule in every small way, and see that its examples and tests notice
	$(PYTHON) bench/mutate_rules.py

recall: ## put faults into public estates and see that they are found: make recall ESTATES="dir …"
	$(PYTHON) bench/recall.py $(ESTATES)

peers: ## write what other tools find into docs/comparison.md
	$(PYTHON) bench/peers.py

speed: ## CPU time and memory, and the limits
	$(PYTHON) bench/start.py
	$(PYTHON) bench/pre_commit.py
	$(PYTHON) bench/speed.py
	$(PYTHON) bench/rules.py
	$(PYTHON) bench/inputs.py
