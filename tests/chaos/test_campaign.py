"""A small campaign with a fixed seed: each part is killed once while runs go on. `deploy/chaos.sh` is the large one."""

import pytest

from .campaign import fly
from .parts import KILLABLE

pytestmark = pytest.mark.real

RUNS = 12
HOSTS = 3
SEED = 7


def test_runs_survive_the_death_of_every_part() -> None:
    report = fly(RUNS, len(KILLABLE), HOSTS, SEED)
    assert report.verdict.faults == [], report.text()
    assert {kill.part for kill in report.kills} == set(KILLABLE)
    assert report.verdict.counts["runs succeeded"] == RUNS, report.text()
    assert report.verdict.counts["pairs unknown"] == 0
    assert report.taken_over, "no engine was lost: the kills hit nothing"
