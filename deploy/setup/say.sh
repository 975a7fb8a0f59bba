# How the set-up talks: numbered steps, remarks, and one plain reason when it stops.

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
