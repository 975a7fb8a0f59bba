#!/usr/bin/env bash
# make setup: what a server needs to run the product, without starting or filling anything. docs/operations.md goes on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh
. deploy/setup/catalogues.sh

steps 4
step "System packages: Python, and Pango and HarfBuzz for PDFs"
system_parts python libraries
step "Python environment"
make_environment
step "Python packages"
python_packages requirements.txt
step "Catalogues"
compile_catalogues
