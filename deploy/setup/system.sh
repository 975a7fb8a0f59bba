# What the operating system must give. Each part is checked by using it; what is missing is installed with apt where
# we may, and named where we may not.

packages=()    # Debian's names of what is missing
python=""      # an interpreter that can make a virtual environment
chromium=""    # a browser for the tests; stays empty where Playwright brings its own

find_python() {
  local candidate
  for candidate in python3.13 python3.12 python3.11 python3; do
    if python=$("$candidate" -c '
import sys, ensurepip, venv
sys.exit(1) if sys.version_info < (3, 11) else print(sys.executable)' 2>/dev/null); then
      return
    fi
  done
  python=""
  return 1
}

# The distribution's interpreter lacks venv until one more package is there, pythonX.Y-venv; python3-venv brings both.
python_package() {
  if [ ! -x /usr/bin/python3 ]; then
    echo python3-venv
  else
    /usr/bin/python3 -c 'import sys; sys.version_info < (3, 11) or print("python3.%d-venv" % sys.version_info[1])'
  fi
}

# unloadable LIBRARY…: prints those that cannot be loaded, and says no if there are any.
unloadable() {
  "${python:-/usr/bin/python3}" - "$@" <<'PY'
import ctypes
import sys

missing = []
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        missing.append(name)
print(*missing)
sys.exit(bool(missing))
PY
}

# WeasyPrint opens these by name at import; harfbuzz-subset makes PDFs eight times faster and is required by us.
missing_libraries() {
  unloadable libgobject-2.0.so.0 libfontconfig.so.1 libharfbuzz.so.0 libharfbuzz-subset.so.0 \
    libpango-1.0.so.0 libpangoft2-1.0.so.0
}

# Playwright steers the browser with a Node of its own, which needs a library that a bare Debian lacks.
driver_starts() { unloadable libatomic.so.1 >/dev/null 2>&1; }

find_chromium() {
  local name path
  for name in chromium google-chrome google-chrome-stable; do
    path=$(command -v "$name") || continue
    case $path in /snap/*) continue ;; esac # a snap cannot see the tests' temporary folders
    if "$path" --version >/dev/null 2>&1; then
      chromium=$path
      return
    fi
  done
  return 1
}

find_postgresql() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# The courses are spelled by it.
find_dictionary() { hunspell -d vi_VN -l </dev/null >/dev/null 2>&1; }

is_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }

need_python() {
  if find_python; then return; fi
  local package
  package=$(python_package)
  if [ -n "$package" ]; then packages+=("$package"); fi # nothing helps where the distribution's own is too old
}
need_libraries() {
  missing_libraries >/dev/null 2>&1 || packages+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
}
# Ubuntu has Chromium as a snap only: there Playwright's own build is used (python.sh).
need_chromium() {
  find_chromium || is_ubuntu || packages+=(chromium)
  driver_starts || packages+=(libatomic1)
}
need_postgresql() { find_postgresql || packages+=(postgresql); }
need_dictionary() { find_dictionary || packages+=(hunspell hunspell-vi); }

# Says yes when the lists are fresh. apt waits by itself for the lock of its packages only, not for that of its lists.
update_lists() {
  local try
  for try in {1..30}; do
    if "${as_root[@]}" apt-get update --quiet; then return; fi
    grep -q 'lists/lock' "$log" || return 1
    sleep 10
  done
  return 1
}

install_packages() {
  if ((${#packages[@]} == 0)); then return; fi
  if ! command -v apt-get >/dev/null; then
    note "This is neither Debian nor Ubuntu: nothing was installed. Missing, by Debian's names:"
    note "${packages[*]}"
    packages=()
    return # what comes next checks each part again and stops at the first that does not work
  fi
  local command=(apt-get install --yes --no-install-recommends "${packages[@]}") as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      die "these system packages are missing, and only root may install them:" \
        "    ${packages[*]}" "Let root install them, then say make again:" "" \
        "    sudo apt-get update && sudo ${command[*]}" ""
    fi
    as_root=(sudo -n)
  fi
  note "Installing ${packages[*]} (a minute or two)"
  local log
  log=$(mktemp)
  # A machine that has just started often holds apt's locks for its own updates: wait for them.
  if ! {
    update_lists &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${command[@]}" --quiet -o DPkg::Lock::Timeout=300
  } </dev/null >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    die "apt could not install ${packages[*]}; its last words are above." "Try it by hand: ${command[*]}"
  fi
  rm -f "$log"
  packages=()
}

check_python() {
  find_python || die "no Python 3.11 or newer that can make virtual environments was found." \
    "Looked for python3.13, python3.12, python3.11 and python3, with the modules venv and ensurepip." \
    "Debian 12, Ubuntu 24.04 and newer have one: apt-get install python3-venv. Elsewhere: install Python 3.13."
}
check_libraries() {
  local missing
  missing=$(missing_libraries) || die "the libraries that make PDFs do not load: $missing" \
    "On Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" \
    "Elsewhere: Pango 1.44 or newer and HarfBuzz with its subset library."
}
check_chromium() {
  find_chromium || is_ubuntu || die "Chromium, for the browser tests, was not found or does not start." \
    "On Debian: apt-get install chromium. Elsewhere: install chromium or google-chrome so that it stands in PATH."
  driver_starts || die "the library libatomic.so.1, for the browser tests, does not load." \
    "On Debian and Ubuntu: apt-get install libatomic1"
}
check_postgresql() {
  find_postgresql || die "the PostgreSQL server, for the tests, was not found." \
    "Looked for initdb in /usr/lib/postgresql/*/bin and in PATH. On Debian and Ubuntu: apt-get install postgresql"
}

check_dictionary() {
  find_dictionary || die "Hunspell with its Vietnamese dictionary (vi_VN), for the tests of the courses, was not found." \
    "On Debian and Ubuntu: apt-get install hunspell hunspell-vi"
}

# system_parts PART…: all parts are looked at first, so that apt is called once.
system_parts() {
  local part
  one_at_a_time
  for part in "$@"; do "need_$part"; done
  install_packages
  for part in "$@"; do "check_$part"; done
}
