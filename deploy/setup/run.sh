#!/usr/bin/env bash
# make run: from a fresh clone to a running server; the second time only what has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh

port=${PORT:-8000}
if ! [[ $port =~ ^[0-9]{1,5}$ ]] || ((10#$port < 1 || 10#$port > 65535)); then
  die "PORT=$port is not a port: say a number from 1 to 65535."
fi

steps 5
step "System packages: Python, and Pango and HarfBuzz for PDFs"
system_parts python libraries
step "Python environment"
make_environment
step "Python packages"
python_packages requirements.txt
step "Database, sample course and accounts"
if [[ ${DEMO:-1} == 0 ]]; then .venv/bin/lms setup; else .venv/bin/lms setup --demo; fi
step "Server and job worker"
if ! grep -qs '^ *base_url *=' "${LMS_INSTANCE:-instance}/settings.toml"; then
  export LMS_BASE_URL=${LMS_BASE_URL:-http://127.0.0.1:$port}
fi
exec .venv/bin/lms serve --port "$port"
