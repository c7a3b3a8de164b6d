"""`python -m tests.mutation.guards`: takes every guard, check and condition away in turn; at least 95 % are noticed."""

import argparse
import asyncio
import json
import sys
import tempfile
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


async def campaign(dsn: str, home: Path, report: Report, only: str) -> None:
    async with staged(dsn, home) as stage:
        every = all_mutants(stage)
        chosen = narrowed([mutant for mutant in every if only in mutant.what], await routes_by_function(stage))
        report.expect(len(chosen))
        async for verdict in run(stage, chosen):
            report.add(await _judged(stage, verdict, every))


async def _judged(stage: Stage, verdict: Verdict, every: list[Mutant]) -> Finding:
    """What the matrix did not notice is looked at by tests of its own, or has a reason that is checked too."""
    what = verdict.mutant.what
    if verdict.noticed is not None:
        return Finding(what, "noticed", verdict.noticed)
    if what in BACKED:
        together = await _together(stage, verdict.mutant, [one for one in every if one.what == BACKED[what]])
        return Finding(what, "equivalent" if together else "survived", f"alone; with {BACKED[what]}: {together}")
    if what in ELSEWHERE:
        broken = await asyncio.to_thread(failing, verdict.mutant, ELSEWHERE[what])
        return Finding(what, "noticed" if broken else "survived", broken or f"{ELSEWHERE[what]} passes")
    if what in EQUIVALENT:
        return Finding(what, "equivalent", EQUIVALENT[what])
    return Finding(what, "survived", f"{len(verdict.mutant.lines)} routes enter it")


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
        asyncio.run(campaign(dsn, Path(home), report, asked.only))
    report.close()
    if asked.report:
        asked.report.write_text(json.dumps(report.document(), indent=2))
    return 0 if report.share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
