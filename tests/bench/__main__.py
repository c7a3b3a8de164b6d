"""`python -m tests.bench [NAME …]`: measures side by side, prints a table and writes bench.json."""

import importlib
import json
import sys
from pathlib import Path

from .rows import Row, as_json, print_rows

NAMES = ("latency", "fanout", "steps", "ledger", "portal_runs", "portal_targets", "binding")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"error: no bench is called {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or NAMES:
        print(f"── {name}", flush=True)
        rows += importlib.import_module(f"tests.bench.{name}").measure()
    print_rows(rows)
    Path("bench.json").write_text(json.dumps(as_json(rows), indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
