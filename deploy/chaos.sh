#!/bin/sh
# The chaos campaign: kill -9 of every part at random moments while runs go on; the targets' own files give the verdict.
#   sh deploy/chaos.sh [--runs 200] [--kills 60] [--hosts 6] [--seed N] [--json FILE]
set -eu
. "$(dirname "$0")/setup.sh"
cd "$ROOT"
exec python -m tests.chaos.campaign "$@"
