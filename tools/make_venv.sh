#!/bin/sh
# Make .venv with the Python asked for, or say in one line what is missing.
set -eu
python=${PYTHON:-python3}
command -v "$python" >/dev/null 2>&1 || { echo "longreach: no $python here; install Python 3.11 or newer" >&2; exit 2; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "longreach: $("$python" --version 2>&1) is too old; Python 3.11 or newer is needed (PYTHON=python3.11 make …)" >&2
  exit 2
}
[ -x .venv/bin/pip ] && exit 0
if ! "$python" -m venv .venv >/dev/null 2>&1; then
  # Debian splits venv off; as root we can mend that ourselves.
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq >/dev/null && apt-get install -y -qq python3-venv >/dev/null
  fi
  "$python" -m venv --clear .venv || {
    echo "longreach: $python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
    exit 2
  }
fi
