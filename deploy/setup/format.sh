#!/usr/bin/env bash
# make format: what ruff can mend is mended, and everything is formatted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh

steps 2
development_tools
step "Format"
.venv/bin/ruff check --fix-only --quiet
.venv/bin/ruff format
