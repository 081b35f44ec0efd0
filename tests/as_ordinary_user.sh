#!/bin/sh
# Runs the hostile submissions again as an ordinary user, with the system's Python: on Debian 12, the oldest that the
# README promises. They run in a copy of this folder that belongs to that user, below /tmp and with a space in its path.
# Called by root; anybody else has done all but the Python by `make test`.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || exit 0
[ -x /usr/bin/python3 ] || ./setup-system.sh python3
./setup-system.sh bubblewrap "$(/usr/bin/python3 -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
HOME="$(mktemp -d)"
trap 'rm -rf "$HOME"' EXIT
mkdir "$HOME/a clone"
tar -c --exclude=./.git --exclude=./.venv --exclude=./demo . | tar -x -C "$HOME/a clone"
chown -R 61500:61500 "$HOME"
cd "$HOME/a clone"
export HOME TQDM_DISABLE=1 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
as_user="setpriv --reuid 61500 --regid 61500 --clear-groups --inh-caps=-all"
$as_user make .venv/ready PYTHON=/usr/bin/python3
$as_user .venv/bin/pytest -q -p no:cacheprovider --basetemp "$HOME/pytest" tests/hostile/test_attacks.py tests/hostile/test_links.py tests/nbjudge/sandbox/test_execution.py \
    tests/nbjudge/sandbox/test_sandbox.py::test_a_submission_sees_no_name_of_a_folder_of_the_machine "$@"
$as_user tests/without_namespaces.sh "$@"
