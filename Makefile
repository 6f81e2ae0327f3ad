# Needs git and make only: Python comes from the system, or is installed by apt when this runs as root.
# make PYTHON=/path/to/python3 chooses another one.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNS := $(VENV)/.runs
TESTS := $(VENV)/.tests
# Two processes even on one core, no more than four, and one for tests that wait (tests/beside.py). WORKERS=0: none but
# pytest's own.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -gt 2 ] || n=2; [ $$n -lt 4 ] || n=4; echo $$((n + 1)))
SYSTEM := $(VENV)/.system
# What tests run beside Python: a systemd of their own (tests/rig), a database server, a broker, a browser, what
# cloud-init needs to judge a card, and what opens reports as their readers do.
SYSTEM_PACKAGES := systemd systemd-container dbus procps python3-systemd openssl postgresql mosquitto chromium libatomic1 \
    python3-yaml python3-jsonschema python3-configobj python3-jinja2 python3-jsonpatch python3-requests python3-oauthlib \
    poppler-utils libreoffice-calc
APT_INSTALL := export DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes; \
    apt-get update -qq && apt-get install -qq -y --no-install-recommends
export PIP_NO_INPUT := 1

.PHONY: run shops test lint bench deb dist rig rig-full lock clean
.DEFAULT_GOAL := run

run: $(RUNS) ## count people in a sample clip
	@$(BIN)/acm demo

shops: $(RUNS) ## a hub and two simulated shops that send to it
	@$(BIN)/acm hub demo --token-file $(VENV)/shops.token

test: lint $(SYSTEM) ## everything that must be right
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder

lint: $(TESTS)
	@$(BIN)/ruff check
	@$(BIN)/mypy

bench: $(RUNS) ## what counting costs on this machine
	@$(BIN)/acm bench

deb: $(RUNS) ## the package, for Debian 12 and 13 on machines like this one, into dist
	@$(BIN)/python tools/build_deb.py

dist: $(RUNS) ## the wheel and the source distribution, into dist
	@$(BIN)/python tools/build_dist.py

rig: $(TESTS) $(SYSTEM) ## the product under a real systemd, its package installed, upgraded, taken back and purged
	@$(BIN)/python -m pytest tests/rig

rig-full: $(TESTS) ## the whole box under qemu, from a prepared card on (an hour); tests/rig/full/run.py says what it needs
	@$(BIN)/python tests/rig/full/run.py $(VENV)/rig --report $(VENV)/rig/report.md

# Every version and hash, for Python 3.10 to 3.13 on all machines at once.
lock: $(TESTS)
	@$(PIP) install uv==0.13.9
	@$(BIN)/uv pip compile --quiet --system-certs --universal --generate-hashes --no-header --no-annotate --python-version 3.10 \
	    --no-emit-index-url --no-emit-find-links --upgrade --extra sound --extra hub --extra panel --extra reports --extra build -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --system-certs --universal --generate-hashes --no-header --no-annotate --python-version 3.10 \
	    --no-emit-index-url --no-emit-find-links --upgrade --extra test -c requirements.lock -o requirements-test.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(RUNS): requirements.lock pyproject.toml | $(BIN)/pip
	@echo "Installing what the product needs into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(TESTS): requirements-test.lock $(RUNS)
	@echo "Installing what its tests need ..."
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

# Whoever may not install is told by the tests what they lack.
$(SYSTEM): Makefile | $(BIN)/pip
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg-query -W $(SYSTEM_PACKAGES) >/dev/null 2>&1; then \
	    echo "Installing $(SYSTEM_PACKAGES) for the tests ..."; \
	    { $(APT_INSTALL) $(SYSTEM_PACKAGES); } >/dev/null || exit 1; \
	fi
	@touch $@

# pip comes last into an environment: one that was broken off is begun anew.
# A Python is good if it is 3.10 to 3.13 and can make environments (Debian keeps that in a package of its own).
# The system's own comes first: a version manager's stand-in on the PATH may lead anywhere.
$(BIN)/pip:
	@good() { "$$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }; \
	find_python() { for p in $(PYTHON) /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.10; do \
	    if good "$$p"; then echo "$$p"; return; fi; done; }; \
	found=$$(find_python); \
	if [ -z "$$found" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Python ..."; \
	    { $(APT_INSTALL) python3 python3-venv ca-certificates; } >/dev/null || exit 1; \
	    found=$$(find_python); \
	fi; \
	if [ -z "$$found" ]; then \
	    echo "No Python 3.10 to 3.13 with venv here: install it (Debian: apt install python3-venv), then say make again." >&2; exit 1; \
	fi; \
	"$$found" -m venv $(VENV)
