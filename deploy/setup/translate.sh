#!/usr/bin/env bash
# make translate: the catalogues get what is new in the code; what has no translation yet is counted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. deploy/setup/say.sh
. deploy/setup/system.sh
. deploy/setup/python.sh
. deploy/setup/catalogues.sh

steps 3
development_tools
step "Messages into lms/translations"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
extract "$folder/messages.pot"
update_catalogues "$folder/messages.pot"
step "Compiled"
.venv/bin/pybabel compile --directory lms/translations --statistics
