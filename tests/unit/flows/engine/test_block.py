"""Blocks with rescue and always, on a target and for the run; batches and max_failures."""

import pytest

from flows.plan import Strategy
from opsconductor.sdk.outcome import RunOutcome

from .stage import Author, Run


@pytest.fixture
def a() -> Author:
    return Author()


def deploy(a: Author, scope: str = "target", **facts: object):
    return a.block(
        "deployment",
        steps=[a.step("deploy"), a.step("verify", "deploy")],
        rescue=[a.step("undo")],
        always=[a.step("tidy")],
        scope=scope,
        **facts,
    )


async def test_a_good_block_runs_its_steps_and_always(a: Author) -> None:
    run = Run(a, [deploy(a), a.step("next", "deployment")])
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["deploy", "verify", "tidy", "next"]


async def test_a_rescue_puts_a_failure_right(a: Author) -> None:
    run = Run(a, [deploy(a), a.step("next", "deployment")]).fail("deploy")
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["deploy", "undo", "tidy", "next"]
    assert run.target() == ("changed", "rescued: deploy: `do` ended with exit code 1: it broke")


async def test_a_rescue_that_fails_does_not(a: Author) -> None:
    run = Run(a, [deploy(a), a.step("next", "deployment")]).fail("verify", "undo")
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["deploy", "verify", "undo", "tidy"]


async def test_a_block_without_rescue_fails_with_its_step_and_always_runs(a: Author) -> None:
    block = a.block("work", steps=[a.step("one")], always=[a.step("tidy")])
    run = Run(a, [block, a.step("next", "work"), a.step("mend", ("work", "failure"))]).fail("one")
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["one", "tidy", "mend"]


async def test_a_failure_in_always_fails_the_block(a: Author) -> None:
    run = Run(a, [deploy(a), a.step("next", "deployment")]).fail("tidy")
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["deploy", "verify", "tidy"]


async def test_the_outer_block_rescues_what_the_inner_one_could_not(a: Author) -> None:
    inner = a.block("inner", steps=[a.step("one")], rescue=[a.step("mend")])
    outer = a.block("outer", steps=[inner, a.step("two", "inner")], rescue=[a.step("undo")])
    run = Run(a, [outer]).fail("one", "mend")
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one", "mend", "undo"]


async def test_a_skipped_block_counts_as_success_and_runs_nothing(a: Author) -> None:
    run = Run(a, [deploy(a, when="false"), a.step("next", "deployment")])
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["next"]


async def test_a_branch_inside_a_block_does_not_forgive(a: Author) -> None:
    block = a.block("work", steps=[a.step("one"), a.step("note", ("one", "failure"))], rescue=[a.step("undo")])
    run = Run(a, [block]).fail("one")
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one", "note", "undo"]


# -- blocks of the run


async def test_a_run_block_rescues_every_target_that_started(a: Author) -> None:
    run = Run(a, [deploy(a, "run"), a.tell("mail", ("deployment", "always"))], 3).fail("verify@h1")
    assert await run.go() is RunOutcome.SUCCEEDED
    for name in ("h0", "h1", "h2"):
        assert run.ran(name) == ["deploy", "verify", "undo", "tidy"]
    assert run.ran("run") == ["mail"]


async def test_rolling_deployment_rolls_back_earlier_batches_and_starts_no_later_one(a: Author) -> None:
    strategy = Strategy(batches=(2,))
    run = Run(a, [deploy(a, "run"), a.tell("mail", ("deployment", "always"))], 5, strategy=strategy).fail("verify@h2")
    assert await run.go() is RunOutcome.PARTIAL
    for name in ("h0", "h1", "h2", "h3"):
        assert run.ran(name) == ["deploy", "verify", "undo", "tidy"]
    assert run.ran("h4") == []
    assert run.target("h4") == ("skipped", "not started: too much went wrong before")
    assert run.target("h2")[0] == "changed"
    assert run.ran("run") == ["mail"]


async def test_a_target_whose_rescue_fails_stays_failed(a: Author) -> None:
    run = Run(a, [deploy(a, "run")], 3).fail("verify@h1", "undo@h2")
    assert await run.go() is RunOutcome.PARTIAL
    assert run.target("h1")[0] == "changed"
    assert run.target("h2")[0] == "failed"


async def test_a_run_step_inside_a_run_block_waits_for_the_targets(a: Author) -> None:
    block = a.block(
        "work",
        steps=[a.step("one"), a.tell("between", "one"), a.step("two", "between")],
        rescue=[a.tell("alarm"), a.step("undo", "alarm")],
        scope="run",
    )
    run = Run(a, [block], 2).fail("two@h1")
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran("run") == ["between", "alarm"]
    assert run.ran("h0") == ["one", "two", "undo"]


async def test_a_failed_run_step_in_a_run_block_is_rescued(a: Author) -> None:
    block = a.block("work", steps=[a.step("one"), a.tell("no", "one")], rescue=[a.step("undo")], scope="run")
    run = Run(a, [block, a.tell("after", "work")], 2).fail("no")
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran("h0") == ["one", "undo"]
    assert run.ran("run") == ["no", "after"]


async def test_a_block_that_is_not_rescued_takes_the_failure_edge(a: Author) -> None:
    block = a.block("work", steps=[a.step("one")], scope="run")
    run = Run(a, [block, a.tell("good", "work"), a.tell("bad", ("work", "failure"))], 2).fail("one@h0")
    assert await run.go() is RunOutcome.PARTIAL
    assert run.ran("run") == ["bad"]


# -- batches


async def test_batches_roll_over_the_targets(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one")], 10, strategy=Strategy(batches=(1, "30%", "100%")))
    assert await run.go() is RunOutcome.SUCCEEDED
    names = [name for name, _ in run.connector.log]
    assert names[:2] == ["h0"] * 2
    assert set(names[2:8]) == {"h1", "h2", "h3"}
    assert set(names[8:]) == {f"h{place}" for place in range(4, 10)}
    assert [data["targets"] for kind, data in run.record.events if kind == "batch.started"] == [1, 3, 6]


async def test_too_many_failures_end_the_run_before_the_next_batch(a: Author) -> None:
    strategy = Strategy(batches=(2,), max_failures=1)
    nodes = [a.step("one"), a.tell("mail", ("one", "failure"))]
    run = Run(a, nodes, 8, strategy=strategy).fail("one@h0", "one@h2", "one@h3")
    assert await run.go() is RunOutcome.PARTIAL
    assert [bool(run.ran(f"h{place}")) for place in range(8)] == [True] * 4 + [False] * 4
    assert run.target("h7")[0] == "skipped"
    assert run.ran("run") == ["mail"]
    assert run.record.ended is not None
    assert "4 not started" in run.record.ended[1]


async def test_a_percentage_of_failures_is_of_all_targets(a: Author) -> None:
    strategy = Strategy(batches=(5,), max_failures="20%")
    run = Run(a, [a.step("one")], 10, strategy=strategy).fail("one@h0", "one@h1")
    assert await run.go() is RunOutcome.PARTIAL
    assert run.ran("h9") == ["one"]


async def test_a_run_step_waits_for_the_last_batch(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("mail", "one"), a.step("two", "mail")], 4, strategy=Strategy(batches=(1,)))
    assert await run.go() is RunOutcome.SUCCEEDED
    assert [line for _, line in run.connector.log] == ["do one"] * 4 + ["do two"] * 4


async def test_no_more_targets_are_in_flight_than_allowed(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one")], 30, strategy=Strategy(concurrency=4))
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.connector.most_open == 4
    assert all(run.machine(f"h{place}").logins == 1 for place in range(30))
    assert all(run.machine(f"h{place}").open == 0 for place in range(30))
