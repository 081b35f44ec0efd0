#!/bin/sh
# Installs the system packages named as arguments, where it may; else says what to install. Never asks for a password.
missing=""
for package in "$@"; do
    case $package in
        bubblewrap) command -v bwrap ;;
        python3.*-venv) "/usr/bin/${package%-venv}" -c 'import ensurepip; ensurepip.version()' ;;
        postgresql) ls /usr/lib/postgresql/*/bin/initdb ;;
        *) command -v "$package" ;;
    esac >/dev/null 2>&1 || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing."
    # shellcheck disable=SC2086  # several words
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >/dev/null && exit 0
fi
echo "Please install the system packages:$missing (Debian, Ubuntu: sudo apt-get install$missing); course doctor says more, once .venv is there." >&2
exit 1
