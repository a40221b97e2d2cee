# Every target does the set-up it needs; `make help` lists them.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
PYTEST_ARGS ?=

BIN := .venv/bin
RUN := .venv/.installed-run
DEV := .venv/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help demo test install axe lint format types contracts migrations-check lock wheelhouse \
	screenshots messages translations translations-check package clean

help: ## List the targets
	@echo "make demo    try Écluse on http://127.0.0.1:$(PORT)  (another port: make demo PORT=8080)"
	@echo "make test    run all the tests"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

demo: $(RUN) ## Set up, load the demonstration territory and serve it
	@$(BIN)/ecluse demo --port $(PORT)

test: $(DEV) ## Run the tests (ECLUSE_REQUIRE=browser,postgres turns skips into failures)
	@command -v chromium >/dev/null && scripts/setup/axe.sh || true
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0 \
		$(PYTEST_ARGS)

install: $(RUN) $(DEV) ## Only do the set-up: .venv with the pinned packages and tools

# The stamps are inside .venv: removing it, or changing a list of packages, installs again.
$(RUN): pyproject.toml constraints.txt scripts/setup/install.sh
	@scripts/setup/install.sh run $(PYTHON)
	@touch $@

$(DEV): constraints-dev.txt $(RUN)
	@scripts/setup/install.sh dev $(PYTHON)
	@touch $@

axe: ## Fetch the accessibility checker of the browser tests (needs npm)
	@scripts/setup/axe.sh

lint: $(DEV) ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV) ## Put the code in the common format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV) ## Check the types
	$(BIN)/mypy

contracts: $(DEV) ## Check who may import whom
	$(BIN)/lint-imports --no-logo

migrations-check: $(DEV) ## Check that the migrations build exactly the models
	@scripts/setup/migrations_check.sh

lock: $(DEV) ## Pin the packages again (UPGRADE=1 takes the newest versions)
	$(BIN)/python scripts/setup/lock.py "$$(scripts/setup/uv.sh)" $(if $(UPGRADE),--upgrade)

wheelhouse: $(DEV) ## Download the pinned files into wheelhouse/ (for uv, or without network)
	@scripts/setup/wheelhouse.sh

screenshots: $(DEV) ## Make the README's pictures from the demo (needs Chromium)
	$(BIN)/python scripts/screenshots.py

messages: $(RUN) ## Extract the strings of the screens into build/messages.pot
	@mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping-file scripts/babel.cfg --add-location file \
		--keyword N_ --keyword _l --keyword lazy_gettext --project ecluse --no-wrap --sort-by-file \
		--output-file build/messages.pot .

translations: $(RUN) ## Bring the catalogues of the recipient's pages up to the sources
	$(BIN)/python scripts/translations.py

translations-check: $(RUN) ## Say what is left to translate; fails if anything is
	$(BIN)/python scripts/translations.py check

package: $(DEV) ## Build the wheel into dist/
	$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation \
		--wheel-dir dist .

clean: ## Remove what was installed or computed (the data in instance/ stays)
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
