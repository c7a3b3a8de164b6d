#!/bin/sh
# Measures OpsConductor beside its peers, in one run: a table, and bench.json.   sh deploy/bench.sh [latency|fanout|steps|ledger …]
set -eu
. "$(dirname "$0")/setup.sh"
cd "$ROOT"
PEERS=${OPSCONDUCTOR_BENCH_VENV:-/opt/opsconductor/bench}
if [ ! -x "$PEERS/bin/ansible" ]; then
    step "The peers: ansible in $PEERS"
    uv venv -q --python "$PYTHON" "$PEERS"
    VIRTUAL_ENV="$PEERS" uv pip install -q --require-hashes -r "$ROOT/deploy/bench.lock"
fi
export OPSCONDUCTOR_BENCH_PEERS="$PEERS"
exec python -m tests.bench "$@"
