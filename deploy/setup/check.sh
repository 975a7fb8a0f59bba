#!/usr/bin/env bash
# make check: all that can be said without running the product. Every part is run, and those that failed are named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh
. deploy/setup/catalogues.sh

failed=()
part() {
  step "$1"
  "${@:2}" || failed+=("$1")
}

messages_are_in_the_catalogues() {
  local folder status=0
  folder=$(mktemp -d)
  extract "$folder/messages.pot" && update_catalogues "$folder/messages.pot" --check || status=1
  rm -rf "$folder"
  if ((status)); then note "Say make translate, and translate what it added."; fi
  return $status
}

steps 9
step "System packages: Python, and Pango and HarfBuzz for PDFs"
system_parts python libraries
step "Python environment"
make_environment
step "Python packages"
python_packages requirements.txt requirements-dev.txt
part "Format" .venv/bin/ruff format --check --quiet --diff
part "Lint" .venv/bin/ruff check --quiet
part "Types" .venv/bin/mypy
part "Templates" .venv/bin/djlint lms --lint --quiet
part "Catalogues" messages_are_in_the_catalogues
part "Architecture" .venv/bin/python -m pytest --quiet tests/test_architecture.py

if ((${#failed[@]})); then die "make check found something in: ${failed[*]}"; fi
echo "All checks passed."
