#!/bin/sh
# From a fresh clone on bare Debian 12 (root): installs, starts everything, runs a job on 20 real SSH hosts,
# shows its progress and its result.   sh deploy/demo.sh [--keep]
set -eu
KEEP=
for argument in "$@"; do
    case $argument in
        --keep) KEEP=1 ;;
        *) echo "usage: sh deploy/demo.sh [--keep]" >&2; exit 2 ;;
    esac
done
. "$(dirname "$0")/setup.sh"

HOME_FOLDER=${OPSCONDUCTOR_DEMO_HOME:-/var/lib/opsconductor-demo}
PORT=${OPSCONDUCTOR_DEMO_PORT:-8080}
PREFECT_PORT=${OPSCONDUCTOR_DEMO_PREFECT_PORT:-4200}
FLEET="$HOME_FOLDER/fleet.json"
WORK=$(mktemp -d)
export OPSCONDUCTOR_HOME="$HOME_FOLDER" OPSCONDUCTOR_TOKEN_FILE="$WORK/session.json"

finish() {
    code=$?
    if [ -n "$KEEP" ] && [ "$code" -eq 0 ]; then return; fi
    opsconductor down >/dev/null 2>&1 || true
    [ ! -f "$FLEET" ] || python "$ROOT/deploy/fleet.py" down --state "$FLEET" >/dev/null 2>&1 || true
    rm -rf "$WORK"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

if [ -e "$HOME_FOLDER" ]; then
    step "Clearing the demo before this one ($HOME_FOLDER)"
    opsconductor down >/dev/null 2>&1 || true
    [ ! -f "$FLEET" ] || python "$ROOT/deploy/fleet.py" down --state "$FLEET" >/dev/null 2>&1 || true
    rm -rf "$HOME_FOLDER"
fi
mkdir -p "$HOME_FOLDER"

step "20 SSH hosts, each with its own key, in a network namespace of their own"
python "$ROOT/deploy/fleet.py" up --hosts 20 --state "$FLEET" --systemctl "$ROOT/tests/doubles/systemctl"

step "OpsConductor"
opsconductor up --detach --port "$PORT" --prefect-port "$PREFECT_PORT" >"$WORK/up.txt" || { cat "$WORK/up.txt"; exit 1; }
grep -v 'one-time password\|shown this once\|^$' "$WORK/up.txt"
umask 077
sed -n 's/.*one-time password //p' "$WORK/up.txt" >"$WORK/first"
rm -f "$WORK/up.txt"
python -c 'import secrets; print(secrets.token_urlsafe(12))' >"$WORK/password"
opsconductor login --url "http://127.0.0.1:$PORT" --password-file "$WORK/first" --new-password-file "$WORK/password"

step "A credential, 20 targets, one job"
python "$ROOT/deploy/demo/inventory.py" "$FLEET" "$WORK"
opsconductor credential add demo --username "$(cat "$WORK/username")" --key-file "$WORK/key"
opsconductor target import "$WORK/targets.json" --credential demo
opsconductor job publish "$ROOT/deploy/demo/restart-web.yaml"

step "The run: the service is down on every fourth host, and on one of them it will not start"
code=0
opsconductor run start restart-web --watch || code=$?
[ "$code" -eq 3 ] || { echo "error: the run was expected to end as partial (exit code 3), not $code" >&2; exit 1; }

step "That host is mended; the same again, only where it failed"
python "$ROOT/deploy/demo/inventory.py" "$FLEET" "$WORK" --mend
opsconductor run rerun last --watch

printf '\nPortal      http://127.0.0.1:%s (API docs: /docs)\n' "$PORT"
opsconductor login --browser
if [ -n "$KEEP" ]; then
    mkdir -p "$HOME/.config/opsconductor" && cp "$WORK/session.json" "$HOME/.config/opsconductor/session.json"
    printf '\nIt stays up. You are signed in as admin, password: %s\n' "$(cat "$WORK/password")"
    printf 'Put %s on your PATH; try: opsconductor run list\n' "$VENV/bin"
    printf 'End it: OPSCONDUCTOR_HOME=%s opsconductor down; python deploy/fleet.py down --state %s\n' "$HOME_FOLDER" "$FLEET"
fi
