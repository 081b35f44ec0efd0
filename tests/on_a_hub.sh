#!/bin/sh
# Plays a round of the exercise on a JupyterHub by two Unix users, in a browser, with the system's Python.
# Called by root, who alone can start servers for others; anybody else is told so.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "A hub for two users needs root; run this as root."; exit 0; }
[ -x /usr/bin/python3 ] || ./setup-system.sh python3
./setup-system.sh bubblewrap chromium npm "$(/usr/bin/python3 -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
place="$(mktemp -d)"
trap 'for user in hub-student hub-teacher; do pkill -KILL -u "$user" || :; userdel "$user" 2>/dev/null || :; done; rm -rf "$place"' EXIT
chmod 755 "$place"
mkdir "$place/clone"
tar -c --exclude=./.git --exclude=./.venv --exclude=./demo . | tar -x -C "$place/clone"
for user in hub-student hub-teacher; do useradd --create-home --home-dir "$place/$user" "$user"; done

/usr/bin/python3 -m venv "$place/venv"
"$place/venv/bin/pip" install -qq --disable-pip-version-check --require-hashes -r requirements.txt
"$place/venv/bin/pip" install -qq --disable-pip-version-check --require-hashes -r tests/hub/requirements.txt
"$place/venv/bin/pip" install -qq --disable-pip-version-check --no-deps --no-build-isolation -e "$place/clone"
cp tests/hub/package.json tests/hub/package-lock.json "$place"
npm ci --prefix "$place" --silent --no-audit --no-fund

cd "$place/clone"
export TQDM_DISABLE=1 HUB_PLACE="$place" PATH="$place/venv/bin:$place/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"$place/venv/bin/pytest" -q -p no:cacheprovider tests/hub/round.py "$@"
