# The virtual environment in .venv and what is installed in it: pinned, hashed, and only when the pins have changed.

# What the caller's own pip is told to do elsewhere does not hold in here.
unset PIP_USER PIP_TARGET PIP_PREFIX PYTHONHOME PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

# Stands while something is being laid into .venv. pip takes a package whose installation was killed for installed, so
# an environment that was left in the middle is made again.
unfinished=.venv/.unfinished

# Its interpreter is still there and new enough, and it was made for this very folder: the scripts inside name their
# interpreter by its full path, so a moved one does not work.
environment_works() {
  [ ! -e "$unfinished" ] &&
    .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
    grep -qsF -- " $PWD/.venv" .venv/pyvenv.cfg
}

make_environment() {
  if environment_works; then return; fi
  note "Making .venv with $("$python" -V) ($python)"
  { rm -rf .venv && mkdir .venv && touch "$unfinished" && "$python" -m venv "$PWD/.venv" && rm "$unfinished"; } ||
    die "the virtual environment .venv could not be made; the reason is above."
}

stamp_of() { { .venv/bin/python -V && cat "$1"; } | sha256sum; }

# install_pins FILE: nothing to do when the file is what it was at the last installation.
install_pins() {
  local file=$1 stamp=".venv/.$1.sha256"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$(stamp_of "$file")" ]; then return; fi
  note "Installing $file (a minute or two)"
  touch "$unfinished"
  .venv/bin/python -m pip install --quiet --require-hashes --only-binary=:all: --requirement "$file" ||
    die "the Python packages of $file could not be installed; pip's reason is above."
  rm "$unfinished"
  stamp_of "$file" >"$stamp"
}

install_ourselves() {
  local stamp=.venv/.pyproject.sha256
  if [ -x .venv/bin/lms ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(stamp_of pyproject.toml)" ]; then return; fi
  .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable . ||
    die "the command .venv/bin/lms could not be installed; pip's reason is above."
  stamp_of pyproject.toml >"$stamp"
}

# python_packages FILE…
python_packages() {
  local file
  for file in "$@"; do install_pins "$file"; done
  install_ourselves
  let_others
}

# What make format, lock and translate work with.
development_tools() {
  step "Python packages"
  system_parts python
  make_environment
  python_packages requirements.txt requirements-dev.txt
}

# Where the system has no Chromium of its own (Ubuntu), Playwright brings one.
install_browser() {
  if [ -n "$chromium" ]; then return; fi
  note "Installing Playwright's Chromium"
  local with_libraries=()
  if [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; then with_libraries=(--with-deps); fi
  .venv/bin/playwright install "${with_libraries[@]}" chromium ||
    die "Chromium, for the browser tests, could not be installed; Playwright's reason is above." \
      "Google Chrome in PATH (google-chrome) serves as well."
}
