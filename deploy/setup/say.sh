# How the set-up talks: numbered steps, remarks, and one plain reason when it stops. And one set-up at a time.

step_number=0
step_count=0

steps() { step_count=$1; }

step() {
  step_number=$((step_number + 1))
  printf '%d/%d %s\n' "$step_number" "$step_count" "$1"
}

note() { printf '    %s\n' "$@"; }

die() {
  printf '\nStopped: %s\n' "$1" >&2
  shift
  if (($#)); then printf '%s\n' "$@" >&2; fi
  exit 1
}

# Two makes in one folder, say make run and make test, would lay their packages over each other. The lock is the
# folder's own; it ends with the script, or before what runs for long.
one_at_a_time() {
  command -v flock >/dev/null || return 0 # part of every Debian and Ubuntu
  exec {lock}<.
  if flock --nonblock "$lock"; then return; fi
  note "Another make is setting up this folder: waiting for it"
  flock "$lock"
}

let_others() { if [ -n "${lock:-}" ]; then exec {lock}<&-; fi; }
