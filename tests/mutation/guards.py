"""`python -m tests.mutation.guards`: takes every guard, check and condition away in turn; at least 95 % are noticed."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.contracts.rights.stage import Stage, staged
from tests.fixtures.portal import copied, make_template
from tests.fixtures.postgres import running_cluster

from .campaign import Verdict, all_mutants, narrowed, run
from .doors import Mutant
from .elsewhere import BACKED, ELSEWHERE, EQUIVALENT
from .entered import routes_by_function
from .report import Finding, Report
from .under import failing

GOAL = 0.95


async def campaign(dsn: str, home: Path, report: Report, only: str) -> list[str]:
    """Every mutant against the matrix; gives those that are left to other tests."""
    left: list[str] = []
    async with staged(dsn, home) as stage:
        every = all_mutants(stage)
        chosen = narrowed([mutant for mutant in every if only in mutant.what], await routes_by_function(stage))
        report.expect(len(chosen))
        async for verdict in run(stage, chosen):
            if verdict.noticed is None and verdict.mutant.what in ELSEWHERE:
                left.append(verdict.mutant.what)
            else:
                report.add(await _judged(stage, verdict, every))
    return left


async def _judged(stage: Stage, verdict: Verdict, every: list[Mutant]) -> Finding:
    """What the matrix does not notice has a reason, which is looked at as far as that can be."""
    what = verdict.mutant.what
    if verdict.noticed is not None:
        return Finding(what, "noticed", verdict.noticed)
    if what in BACKED:
        together = await _together(stage, verdict.mutant, [one for one in every if one.what == BACKED[what]])
        return Finding(what, "equivalent" if together else "survived", f"alone; with {BACKED[what]}: {together}")
    if what in EQUIVALENT:
        return Finding(what, "equivalent", EQUIVALENT[what])
    return Finding(what, "survived", f"{len(verdict.mutant.lines)} routes enter it")


def _by_other_tests(left: list[str]) -> Iterator[Finding]:
    tests = {test: [what for what in left if ELSEWHERE[what] == test] for test in {ELSEWHERE[what] for what in left}}
    noticed = failing(tests) if tests else set[str]()
    for what in left:
        if what in noticed:
            yield Finding(what, "noticed", f"{ELSEWHERE[what]} fails")
        else:
            yield Finding(what, "survived", f"{ELSEWHERE[what]} passes")


async def _together(stage: Stage, mutant: Mutant, others: list[Mutant]) -> str | None:
    assert others, f"there is no mutant {BACKED[mutant.what]!r}"
    with others[0]():
        async for verdict in run(stage, [mutant]):
            return verdict.noticed
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose description holds this text")
    parser.add_argument("--report", type=Path, help="JSON file of what was found")
    asked = parser.parse_args()
    report = Report()
    with (
        running_cluster() as cluster,
        tempfile.TemporaryDirectory() as home,
        copied(cluster, make_template(cluster)) as dsn,
    ):
        left = asyncio.run(campaign(dsn, Path(home), report, asked.only))
    for finding in _by_other_tests(left):
        report.add(finding)
    report.close()
    if asked.report:
        asked.report.write_text(json.dumps(report.document(), indent=2))
    return 0 if report.share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
