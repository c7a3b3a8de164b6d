"""What the rights matrix does not notice, and who does: see elsewhere.toml."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

_READ = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())

ELSEWHERE: Mapping[str, str] = {mutant: test for test, mutants in _READ["noticed"].items() for mutant in mutants}
"""Mutant → the test that fails under it, which the campaign runs."""

BACKED: Mapping[str, str] = _READ["backed"]
"""Mutant → the other one that still refuses: together they are noticed, which the campaign looks at."""

EQUIVALENT: Mapping[str, str] = _READ["equivalent"]
"""Mutant → why it makes no difference."""
