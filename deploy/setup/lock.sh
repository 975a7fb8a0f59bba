#!/usr/bin/env bash
# make lock: requirements*.txt, complete and with hashes, from requirements*.in. Pins stay as they are unless an .in file
# asks for something else or UPGRADE=1. Nothing of this machine's own pip configuration gets into the files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh

oldest=3.11.2 # Debian 12's

export PIP_CONFIG_FILE=/dev/null
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL PIP_INDEX_URL
options=(--quiet --generate-hashes --strip-extras --allow-unsafe --no-header
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options)
if [ "${UPGRADE:-0}" = 1 ]; then options+=(--upgrade); fi

steps 3
development_tools
step "requirements.txt and requirements-dev.txt"
.venv/bin/pip-compile "${options[@]}" --output-file requirements.txt requirements.in
.venv/bin/pip-compile "${options[@]}" --output-file requirements-dev.txt requirements-dev.in
step "Each pin has a wheel for Python $oldest"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m pip install --quiet --dry-run --ignore-installed --target "$folder" --python-version "$oldest" \
  --only-binary=:all: --require-hashes --requirement requirements.txt --requirement requirements-dev.txt ||
  die "a pin does not install on Python $oldest, which Debian 12 has: limit it in the .in file."
