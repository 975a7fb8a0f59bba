#!/usr/bin/env bash
# make test: everything the tests need, then every test, on SQLite and on PostgreSQL. A part that cannot be set up
# stops it: nothing is skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh
. deploy/setup/catalogues.sh

steps 5
step "System packages: Python, Pango and HarfBuzz, Chromium, PostgreSQL, Hunspell"
system_parts python libraries chromium postgresql dictionary
step "Python environment"
make_environment
step "Python packages"
python_packages requirements.txt requirements-dev.txt
install_browser
step "Catalogues"
compile_catalogues
step "Tests"
CHROMIUM=$chromium exec .venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile "$@"
