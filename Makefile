# Every target does its own set-up; the set-up is shared and done once per change of the lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := var/zhangjiagang

.PHONY: demo test slow bench lock clean

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (set PYTHON=...)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)
	@test -f $(DEMO)/format || $(BIN)/shazhou init --data $(DEMO)
	@$(BIN)/shazhou load --data $(DEMO) --city cities/zhangjiagang
	@$(BIN)/shazhou targets --headline --data $(DEMO)
	@$(BIN)/shazhou report 2021 --lang zh --out var/report --data $(DEMO)
	@$(BIN)/shazhou report 2021 --lang en --out var/report --data $(DEMO)

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m "not slow"

slow: $(READY)
	$(BIN)/pytest -n 2 -m slow

bench: $(READY)
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra server --extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache
