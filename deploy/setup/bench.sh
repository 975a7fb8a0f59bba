#!/usr/bin/env bash
# make bench: what is needed to measure, then the measurement.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh
. deploy/setup/catalogues.sh

steps 4
step "System packages: Python, Pango and HarfBuzz, PostgreSQL"
system_parts python libraries postgresql
step "Python environment"
make_environment
step "Python packages"
python_packages requirements.txt requirements-dev.txt
compile_catalogues
step "Measurement"
exec .venv/bin/python -m benchmarks "$@"
