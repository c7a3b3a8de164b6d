"""`python -m tests.mutation.guards`: takes every guard, check and condition away in turn; at least 95 % are noticed."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.contracts.rights.stage import staged
from tests.fixtures.portal import copied, make_template
from tests.fixtures.postgres import running_cluster

from .campaign import Verdict, all_mutants, run

GOAL = 0.95


async def campaign(dsn: str, home: Path) -> list[Verdict]:
    async with staged(dsn, home) as stage:
        return await run(stage, all_mutants(stage))


def main() -> int:
    with (
        running_cluster() as cluster,
        tempfile.TemporaryDirectory() as home,
        copied(cluster, make_template(cluster)) as dsn,
    ):
        verdicts = asyncio.run(campaign(dsn, Path(home)))
    for verdict in verdicts:
        print(f"{'noticed' if verdict.noticed else 'SURVIVED'}  {verdict.mutant.what}")
        if verdict.noticed:
            print(f"          {verdict.noticed[:150]}")
    noticed = sum(verdict.noticed is not None for verdict in verdicts)
    print(f"{noticed} of {len(verdicts)} mutants noticed ({noticed / len(verdicts):.1%})")
    return 0 if noticed >= GOAL * len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
