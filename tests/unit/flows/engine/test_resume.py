"""What a new engine does with what an earlier one left."""

import asyncio
from typing import Any

import pytest

from flows.ledger.pair import DONE, SENT, PairKey, PairState
from flows.plan import Retry
from opsconductor.errors import HostUnreachableError
from opsconductor.sdk.outcome import Outcome, RunOutcome
from opsconductor.sdk.transport import CommandOutput, Verdict

from .stage import Author, Run


@pytest.fixture
def a() -> Author:
    return Author()


def done(outcome: Outcome = Outcome.CHANGED, attempt: int = 1, **facts: Any) -> PairState:
    return PairState(attempt, DONE, outcome, epoch=0, **facts)


def sent(attempt: int = 1) -> PairState:
    return PairState(attempt, SENT)


async def test_completed_pairs_never_run_again_and_their_outputs_are_read(a: Author) -> None:
    nodes = [a.step("one"), a.step("two", "one", arguments={"what": "${{ steps.one.said }}"})]
    run = Run(a, nodes, restored={("h0", "one"): done(outputs={"said": "hello"}, summary="did one")})
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.machine().commands == ["do hello"]


async def test_a_restored_failure_goes_where_it_went(a: Author) -> None:
    nodes = [a.step("one"), a.step("two", "one"), a.step("mend", ("one", "failure"))]
    run = Run(a, nodes, restored={("h0", "one"): done(Outcome.FAILED, summary="it broke")})
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["mend"]
    assert run.target() == ("failed", "one: it broke")


async def test_restored_skips_are_not_judged_again(a: Author) -> None:
    nodes = [a.step("one", when="true"), a.step("two", "one")]
    run = Run(a, nodes, restored={("h0", "one"): done(Outcome.SKIPPED, summary="skipped")})
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["two"]


async def test_a_run_that_was_all_done_only_ends(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("mail", "one")], restored={("h0", "one"): done(), ("run", "mail"): done()})
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.machine().logins == 0
    assert run.ran("run") == []
    assert run.target()[0] == "changed"


async def test_an_idempotent_step_that_was_sent_runs_again_under_a_new_attempt(a: Author) -> None:
    run = Run(a, [a.step("one")], restored={("h0", "one"): sent(2)})
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one"]
    assert [key for what, key in run.record.history if what == "sent"] == [PairKey(0, 0, 3)]
    state, result = run.record.rows[PairKey(0, 0, 2)]
    assert state == DONE
    assert result is not None
    assert "engine was lost" in result.summary


@pytest.mark.parametrize(
    ("verdict", "outcome", "commands"),
    [
        (Verdict("never"), "changed", 1),
        (Verdict("done", 0), "changed", 0),
        (Verdict("done", 9), "failed", 0),
        (Verdict("lost", detail="reboot"), "unknown", 0),
        (Verdict("no_marker"), "unknown", 0),
        (Verdict("stuck"), "unknown", 0),
    ],
)
async def test_a_once_step_that_was_sent_is_asked_for_first(
    a: Author, verdict: Verdict, outcome: str, commands: int
) -> None:
    run = Run(a, [a.step("one", uses="test/do_once@1")], restored={("h0", "one"): sent()})
    run.machine().verdicts = [verdict]
    await run.go()
    assert run.outcomes() == {"one": outcome}
    assert len(run.ran()) == commands
    assert len(run.machine().probed) == 1


async def test_a_once_step_that_still_runs_is_waited_for_to_its_end(a: Author) -> None:
    run = Run(a, [a.step("one", uses="test/do_once@1"), a.step("two", "one")], restored={("h0", "one"): sent()})
    run.machine().verdicts = [Verdict("running"), Verdict("done", 0)]
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["two"]


async def test_a_target_that_is_away_leaves_its_once_step_unknown(a: Author) -> None:
    run = Run(a, [a.step("one", uses="test/do_once@1")], 2, restored={("h0", "one"): sent()})
    run.machine().login = [HostUnreachableError("no route", host="h0")] * 5
    assert await run.go() is RunOutcome.UNKNOWN
    assert run.target("h0")[0] == "unknown"
    assert run.target("h1")[0] == "changed"


async def test_a_run_scoped_once_step_that_was_sent_is_unknown(a: Author) -> None:
    step = a.tell("mail").model_copy(update={"effect": "once"})
    run = Run(a, [step, a.tell("after", "mail")], 0, restored={("run", "mail"): sent()})
    assert await run.go() is RunOutcome.UNKNOWN
    assert run.ran("run") == []


async def test_a_decision_settles_what_is_unknown(a: Author) -> None:
    unknown = done(Outcome.UNKNOWN, summary="who knows")
    for decision, outcome, commands in (
        (None, "unknown", []),
        ("ran", "succeeded", ["two"]),
        ("not_ran", "succeeded", ["one", "two"]),
        ("skip", "succeeded", ["two"]),
    ):
        author = Author()
        nodes = [author.step("one", uses="test/do_once@1"), author.step("two", "one")]
        run = Run(author, nodes, restored={("h0", "one"): unknown})
        if decision:
            run.record.decisions[PairKey(0, 0, 1)] = decision
        assert (await run.go()).value == outcome
        assert run.ran() == commands
        assert len(run.machine().probed) == (decision == "not_ran")


async def test_a_decision_not_ran_gives_way_to_what_the_target_knows(a: Author) -> None:
    run = Run(a, [a.step("one", uses="test/do_once@1")], restored={("h0", "one"): done(Outcome.UNKNOWN)})
    run.record.decisions[PairKey(0, 0, 1)] = "not_ran"
    run.machine().verdicts = [Verdict("done", 0)]
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == []


async def test_a_retry_goes_on_where_it_was(a: Author) -> None:
    run = Run(a, [a.step("one", retry=Retry(attempts=3))], restored={("h0", "one"): done(Outcome.FAILED, 2)}).fail(
        "one"
    )
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["one"]
    assert PairKey(0, 0, 3) in run.record.rows


async def test_what_was_sent_is_stopped_when_the_run_was_cancelled_meanwhile(a: Author) -> None:
    for uses, stop, outcome in (
        ("test/do@1", Verdict("done", 143), "cancelled"),
        ("test/do_once@1", Verdict("never"), "cancelled"),
        ("test/do_once@1", Verdict("stuck"), "unknown"),
    ):
        author = Author()
        nodes = [author.step("one", uses=uses), author.step("two", "one")]
        run = Run(author, nodes, 2, restored={("h0", "one"): sent()})
        run.machine().stops = [stop]
        run.machine().verdicts = [Verdict("running")]
        run.record.cancelled.set()
        await run.go()
        assert run.outcomes("h0") == {"one": outcome}
        assert run.ran("h0") == []
        assert run.target("h1")[0] == "skipped"


async def test_every_crash_point_of_a_whole_run_leads_to_the_same_end(a: Author) -> None:
    """Stop an engine after each of its writes in turn; the next one completes, and runs nothing done again."""
    point = 0
    while True:
        author = Author()
        nodes = [
            author.step("one"),
            author.block(
                "work",
                "one",
                steps=[author.step("two"), author.step("three", "two")],
                always=[author.step("tidy")],
                scope="run",
            ),
            author.tell("mail", ("work", "always")),
            author.step("last", "mail"),
        ]
        first = Run(author, nodes, 2)
        crashed = await crash_after(first, point)
        done_before = {key[:2] for key, (state, _) in first.record.rows.items() if state == DONE}
        second = Run(author, nodes, 2)
        second.record.restored = first.record.state()
        second.record.rows = dict(first.record.rows)
        assert await second.go() is RunOutcome.SUCCEEDED
        began = {key[:2] for what, key in second.record.history if what == "sent"}
        assert not began & done_before
        assert {second.target(name)[0] for name in ("h0", "h1")} == {"changed"}
        if not crashed:
            break
        point += 1
    assert point > 15


async def crash_after(run: Run, writes: int) -> bool:
    """Let an engine work until it has written so much; whether it had not ended by then."""
    going = asyncio.create_task(run.go())
    while not going.done() and len(run.record.history) < writes:
        await asyncio.sleep(0)
    crashed = not going.done()
    run.record.fenced.set()
    await asyncio.gather(going, return_exceptions=True)
    return crashed


async def test_the_answer_of_a_command_survives_only_in_the_record(a: Author) -> None:
    run = Run(
        a, [a.step("one"), a.tell("mail", "one", arguments={"about": "${{ steps.one.results[0].outputs.said }}"})]
    )
    run.record.restored = {(0, 0): done(outputs={"said": "remembered"})}
    run.machine().answers["do one"] = CommandOutput("fresh")
    await run.go()
    result = run.result("mail", "run")
    assert result is not None
    assert result.summary == "told mail remembered"
