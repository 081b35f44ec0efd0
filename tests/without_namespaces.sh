#!/bin/sh
# The demo, and the hostile submissions, where nobody gets a namespace, and so behind the second wall: as who calls it.
set -eu
cd "$(dirname "$0")/.."
place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
export WALLS=landlock
.venv/bin/python -m tests.support.machines .venv/bin/course demo --folder "$place/demo"
.venv/bin/python -m tests.support.machines .venv/bin/python -m pytest -q -p no:cacheprovider "$@" \
    tests/hostile/test_attacks_behind_landlock.py tests/nbjudge/sandbox/test_second_wall.py \
    tests/nbjudge/sandbox/test_sandbox.py tests/nbjudge/sandbox/test_execution.py
