#!/bin/sh
# Builds the Debian package into dist, with what that needs; words go on to tools/build_deb.py (--help tells them).
set -eu
cd "$(dirname "$0")/.."
make --no-print-directory .venv/.runs
exec .venv/bin/python tools/build_deb.py "$@"
