import pytest

from flows.engine.batches import too_many, waves
from flows.engine.outcome import Fault, RunFacts, run_outcome
from flows.plan import Strategy
from opsconductor.sdk.outcome import Outcome, RunOutcome


@pytest.mark.parametrize(
    ("batches", "total", "sizes"),
    [
        ((), 7, [7]),
        ((3,), 7, [3, 3, 1]),
        ((1, "10%", "100%"), 50, [1, 5, 44]),
        ((1, "10%", "100%"), 3, [1, 1, 1]),
        (("34%",), 3, [2, 1]),
        (("1%",), 5, [1, 1, 1, 1, 1]),
        ((2, 3), 10, [2, 3, 3, 2]),
        ((5,), 0, []),
    ],
)
def test_waves_cover_every_target_once(batches: tuple[int | str, ...], total: int, sizes: list[int]) -> None:
    found = list(waves(batches, range(total)))
    assert [len(wave) for wave in found] == sizes
    assert [item for wave in found for item in wave] == list(range(total))


@pytest.mark.parametrize(
    ("limit", "failures", "total", "over"),
    [
        (None, 9, 9, False),
        (0, 0, 9, False),
        (0, 1, 9, True),
        (2, 2, 9, False),
        ("10%", 1, 19, False),
        ("10%", 2, 19, True),
    ],
)
def test_failures_are_too_many_only_beyond_the_limit(
    limit: int | str | None, failures: int, total: int, over: bool
) -> None:
    assert too_many(Strategy(max_failures=limit), failures, total) is over


OK, FAILED, UNKNOWN, CANCELLED = Outcome.OK, Outcome.FAILED, Outcome.UNKNOWN, Outcome.CANCELLED
FAULT = (Fault(FAILED, "mail", "no"),)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        (RunFacts((OK, Outcome.CHANGED, Outcome.SKIPPED)), RunOutcome.SUCCEEDED),
        (RunFacts((OK, FAILED)), RunOutcome.PARTIAL),
        (RunFacts((FAILED, Outcome.UNREACHABLE)), RunOutcome.FAILED),
        (RunFacts((OK, OK), faults=FAULT), RunOutcome.FAILED),
        (RunFacts((OK,), not_started=1), RunOutcome.PARTIAL),
        (RunFacts((OK, UNKNOWN), cancelled=True), RunOutcome.UNKNOWN),
        (RunFacts((OK, CANCELLED), cancelled=True), RunOutcome.CANCELLED),
        (RunFacts((OK, Outcome.TIMED_OUT), timed_out=True), RunOutcome.PARTIAL),
        (RunFacts((OK, OK), timed_out=True), RunOutcome.FAILED),
        (RunFacts(), RunOutcome.SUCCEEDED),
    ],
)
def test_how_a_run_ended(facts: RunFacts, outcome: RunOutcome) -> None:
    assert run_outcome(facts) is outcome
