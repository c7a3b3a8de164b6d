#!/bin/sh
# Sets the machine up, then passes every test. `sh deploy/test.sh [PYTEST ARGUMENTS]`
set -eu
MORE_PACKAGES=chromium  # looks at Prefect's pages
. "$(dirname "$0")/setup.sh"
cd "$ROOT"
export OPSCONDUCTOR_SKIP_NOTHING=1  # a test that cannot run here is a failure

step "Style, types, import contracts"
ruff check .
ruff format --check -q .
pyright --pythonpath "$VENV/bin/python"
lint-imports

step "The wheel, installed, away from the sources"
(cd / && python -I - <<'PY'
import opsconductor, flows, blocks, steplib, portal
from importlib.metadata import version
for package in (opsconductor, flows, blocks, steplib, portal):
    assert "site-packages" in (package.__file__ or ""), package.__file__
print("wheel", version("opsconductor"), "imports from", opsconductor.__path__[0])
PY
opsconductor --version
opsconductor job validate "$ROOT/deploy/demo/restart-web.yaml")

step "Tests"
exec python -m pytest -q -n 2 --dist loadfile --durations=15 "$@"
