#!/bin/sh
# Installs what OpsConductor needs on Debian 12 with Python 3.11, and OpsConductor itself from this checkout.
# Sourced by demo.sh, test.sh, bench.sh and chaos.sh; they name further Debian packages in $MORE_PACKAGES. Sets $VENV. Can be repeated: what is there is kept.
set -eu
ROOT=${ROOT:-$(cd "$(dirname "$0")/.." && pwd)}
export DEBIAN_FRONTEND=noninteractive

step() { printf '%s\n' "── $*" >&2; }

[ "$(id -u)" = 0 ] || { echo "error: run this as root (it installs packages and starts services as OS users of their own)" >&2; exit 2; }

PYTHON=/usr/bin/python3.11
missing=
for package in postgresql openssh-server openssh-client iproute2 sudo util-linux procps python3-venv ca-certificates ${MORE_PACKAGES:-}; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -x "$PYTHON" ] || missing="$missing python3"
if [ -n "$missing" ]; then
    step "Debian packages:$missing"
    apt-get update -qq
    # The package's own cluster is not wanted: OpsConductor makes a private one.
    mkdir -p /etc/postgresql-common
    [ -f /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

# Outside of any home folder: the OS users that run the parts must be able to read it.
VENV=${OPSCONDUCTOR_VENV:-/opt/opsconductor/venv}
if [ ! -x "$VENV/bin/uv" ]; then
    step "Python environment in $VENV"
    mkdir -p "$(dirname "$VENV")"
    "$PYTHON" -m venv "$VENV"
    sed -n '/^uv==/,/^[a-z]/{/^uv==/p;/^    --hash/p;}' "$ROOT/deploy/requirements.lock" >"$VENV/uv.lock.txt"
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$VENV/uv.lock.txt"
fi
step "Locked dependencies"
VIRTUAL_ENV="$VENV" "$VENV/bin/uv" pip sync -q --require-hashes "$ROOT/deploy/requirements.lock"
step "OpsConductor from this checkout"
rm -rf "$VENV/wheel" && "$VENV/bin/uv" build -q --wheel --no-build-isolation --python "$VENV/bin/python" --out-dir "$VENV/wheel" "$ROOT"
VIRTUAL_ENV="$VENV" "$VENV/bin/uv" pip install -q --no-deps --reinstall "$VENV"/wheel/*.whl
export VENV ROOT
PATH="$VENV/bin:$PATH"
