"""Needs, edges, joins, conditions: on one target, and across targets for run-scoped steps."""

import pytest

from opsconductor.sdk.outcome import RunOutcome

from .stage import Author, Run


@pytest.fixture
def a() -> Author:
    return Author()


async def test_steps_run_in_the_order_of_their_needs(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one"), a.step("three", "two")])
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one", "two", "three"]
    assert run.target() == ("changed", "")


async def test_a_failed_step_keeps_what_needs_its_success_from_running(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one"), a.step("three", "two")]).fail("two")
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["one", "two"]
    assert run.outcomes() == {"one": "changed", "two": "failed"}
    assert run.target() == ("failed", "two: `do` ended with exit code 1: it broke")


async def test_a_failure_goes_to_its_branch_and_stays_a_failure(a: Author) -> None:
    run = Run(a, [a.step("get"), a.step("mend", ("get", "failure")), a.step("go_on", "get")]).fail("get")
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["get", "mend"]
    assert run.target()[0] == "failed"


async def test_a_failure_branch_is_not_taken_after_success(a: Author) -> None:
    run = Run(a, [a.step("get"), a.step("mend", ("get", "failure")), a.step("after", ("mend", "always"))])
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["get"]


async def test_always_follows_both_ways(a: Author) -> None:
    for fails in ([], ["get"]):
        run = Run(a, [a.step("get"), a.step("tidy", ("get", "always"))]).fail(*fails)
        await run.go()
        assert run.ran() == ["get", "tidy"]
        a = Author()


async def test_always_follows_a_step_that_a_failure_kept_from_running(a: Author) -> None:
    run = Run(a, [a.step("deploy"), a.step("verify", "deploy"), a.step("tidy", ("verify", "always"))]).fail("deploy")
    await run.go()
    assert run.ran() == ["deploy", "tidy"]


async def test_a_failure_edge_does_not_follow_a_step_that_never_ran(a: Author) -> None:
    nodes = [a.step("deploy"), a.step("verify", "deploy"), a.step("undo", ("verify", "failure"))]
    run = Run(a, nodes).fail("deploy")
    await run.go()
    assert run.ran() == ["deploy"]


async def test_a_step_skipped_by_its_condition_counts_as_success(a: Author) -> None:
    nodes = [
        a.step("one"),
        a.step("two", "one", when="1 == 2"),
        a.step("three", "two"),
        a.step("x", ("two", "failure")),
    ]
    run = Run(a, nodes)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one", "three"]
    assert run.outcomes() == {"one": "changed", "two": "skipped", "three": "changed"}
    result = run.result("two")
    assert result is not None
    assert "1 == 2" in result.summary


async def test_a_target_whose_every_step_is_skipped_is_skipped_and_good(a: Author) -> None:
    run = Run(a, [a.step("one", when="false")])
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.target()[0] == "skipped"
    assert run.machine().logins == 0


async def test_join_all_waits_for_every_need(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two"), a.step("both", "one", "two")])
    await run.go()
    assert sorted(run.ran()[:2]) == ["one", "two"]
    assert run.ran()[2:] == ["both"]


async def test_join_all_does_not_run_when_one_need_fails(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two"), a.step("both", "one", "two")]).fail("one")
    await run.go()
    assert sorted(run.ran()) == ["one", "two"]


async def test_join_any_brings_two_branches_together(a: Author) -> None:
    for fails, expected in ([], ["get", "good", "end"]), (["get"], ["get", "bad", "end"]):
        author = Author()
        nodes = [
            author.step("get"),
            author.step("good", "get"),
            author.step("bad", ("get", "failure")),
            author.step("end", "good", "bad", join="any"),
        ]
        run = Run(author, nodes).fail(*fails)
        await run.go()
        assert run.ran() == expected


async def test_join_any_runs_once_and_does_not_wait_for_the_slower_need(a: Author) -> None:
    run = Run(a, [a.step("fast"), a.step("slow"), a.step("first", "fast", "slow", join="any")])
    run.machine().answers["do slow"] = _after(run, ("h0", "do first"))
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["fast", "slow", "first"]


async def test_join_any_does_not_run_when_no_need_is_taken(a: Author) -> None:
    nodes = [a.step("one"), a.step("two", "one"), a.step("any", ("one", "failure"), ("two", "failure"), join="any")]
    run = Run(a, nodes)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one", "two"]


async def test_steps_without_a_path_between_them_run_side_by_side(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two"), a.step("three")])
    await run.go()
    assert run.machine().commands[:3] == ["do one", "do two", "do three"]
    assert run.connector.log.index(("h0", "do three")) == 2
    assert run.machine().ended[0] == "do one"
    assert run.machine().logins == 1


async def test_targets_do_not_wait_for_each_other(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one")], 2)
    run.machine("h1").answers["do one"] = _after(run, ("h0", "do two"))
    assert await run.go() is RunOutcome.SUCCEEDED


def _after(run: Run, event: tuple[str, str]):  # the command ends only once the other target is one step on
    async def answer():
        import asyncio

        from opsconductor.sdk.transport import CommandOutput

        async with asyncio.timeout(10):
            while event not in run.connector.log:
                await asyncio.sleep(0)
        return CommandOutput()

    return answer


async def test_each_target_goes_its_own_way(a: Author) -> None:
    nodes = [a.step("get"), a.step("good", "get"), a.step("bad", ("get", "failure"))]
    run = Run(a, nodes, 3).fail("get@h1")
    assert await run.go() is RunOutcome.PARTIAL
    assert [run.ran(name) for name in ("h0", "h1", "h2")] == [["get", "good"], ["get", "bad"], ["get", "good"]]
    assert [run.target(name)[0] for name in ("h0", "h1", "h2")] == ["changed", "failed", "changed"]


async def test_conditions_are_evaluated_for_each_target(a: Author) -> None:
    run = Run(a, [a.step("one", when="target.name == 'h1'"), a.step("two", "one")], 2)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran("h0") == ["two"]
    assert run.ran("h1") == ["one", "two"]


async def test_a_condition_without_a_value_fails_the_step(a: Author) -> None:
    nodes = [a.step("one", when="false"), a.step("two", "one", when="steps.one.said == ''")]
    run = Run(a, nodes)
    assert await run.go() is RunOutcome.FAILED
    assert run.outcomes() == {"one": "skipped", "two": "failed"}


async def test_has_guards_the_output_of_a_skipped_step(a: Author) -> None:
    nodes = [a.step("one", when="false"), a.step("two", "one", when="has(steps.one.said) && steps.one.said == ''")]
    run = Run(a, nodes)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.outcomes() == {"one": "skipped", "two": "skipped"}


async def test_later_steps_read_what_earlier_ones_left(a: Author) -> None:
    from opsconductor.sdk.transport import CommandOutput

    nodes = [a.step("one"), a.step("two", "one", arguments={"what": "${{ steps.one.said + '!' }}"})]
    run = Run(a, nodes, 2)
    run.machine("h0").answers["do one"] = CommandOutput("left")
    run.machine("h1").answers["do one"] = CommandOutput("right")
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.machine("h0").commands == ["do one", "do 'left!'"]
    assert run.machine("h1").commands == ["do one", "do 'right!'"]


async def test_a_step_can_ask_how_an_earlier_one_ended(a: Author) -> None:
    nodes = [
        a.step("one"),
        a.step("two", ("one", "always"), when="steps.one.failed && steps.one.exit_code == 1"),
        a.step("three", ("one", "always"), when="steps.one.ok"),
    ]
    run = Run(a, nodes).fail("one")
    await run.go()
    assert run.ran() == ["one", "two"]


# -- run-scoped steps


async def test_a_run_step_runs_once_after_every_target(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("mail", "one")], 4)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran("run") == ["mail"]
    assert all(run.ran(f"h{place}") == ["one"] for place in range(4))


async def test_failure_of_a_run_step_s_need_means_one_target_not_ok(a: Author) -> None:
    for fails, told in ([], ["good"]), (["one@h2"], ["bad"]):
        author = Author()
        nodes = [author.step("one"), author.tell("good", "one"), author.tell("bad", ("one", "failure"))]
        run = Run(author, nodes, 3).fail(*fails)
        await run.go()
        assert run.ran("run") == told


async def test_a_run_step_hears_of_targets_that_did_not_come_to_its_need(a: Author) -> None:
    nodes = [a.step("probe"), a.step("restart", "probe"), a.tell("tell", ("restart", "failure"))]
    run = Run(a, nodes, 3).fail("probe@h1")
    assert await run.go() is RunOutcome.PARTIAL
    assert run.ran("run") == ["tell"]


async def test_a_branch_that_no_target_took_is_not_reached_for_the_run_either(a: Author) -> None:
    nodes = [a.step("one"), a.step("mend", ("one", "failure")), a.tell("mended", ("mend", "always"))]
    run = Run(a, nodes, 3)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran("run") == []


async def test_target_steps_after_a_run_step_wait_for_it(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("between", "one"), a.step("two", "between")], 3)
    assert await run.go() is RunOutcome.SUCCEEDED
    lines = [line for _, line in run.connector.log]
    assert sorted(lines[:3]) == ["do one"] * 3
    assert sorted(lines[3:]) == ["do two"] * 3
    assert all(run.machine(f"h{place}").logins == 1 for place in range(3))


async def test_a_failed_run_step_fails_the_run(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("end", "one"), a.step("two", "end")], 2).fail("end")
    assert await run.go() is RunOutcome.FAILED
    assert run.ran("h0") == ["one"]
    assert run.record.ended is not None
    assert "end says no" in run.record.ended[1]


async def test_a_run_step_reads_what_the_targets_left(a: Author) -> None:
    about = "${{ steps.one.failed_count }} of ${{ steps.one.total }}: ${{ steps.one.failed_targets[0] }}"
    run = Run(a, [a.step("one"), a.tell("mail", ("one", "always"), arguments={"about": about})], 3).fail("one@h1")
    await run.go()
    result = run.result("mail", "run")
    assert result is not None
    assert result.summary == "told mail 1 of 3: h1"


async def test_a_run_step_reads_the_summary_of_the_run(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("mail", ("one", "failure"), arguments={"about": "${{ run.summary }}"})], 3)
    run.fail("one@h1")
    await run.go()
    result = run.result("mail", "run")
    assert result is not None
    assert "2 of 3 targets succeeded" in result.summary
    assert "h1 (one: `do` ended with exit code 1: it broke)" in result.summary


async def test_a_target_step_beside_a_run_step_does_not_wait_for_it(a: Author) -> None:
    nodes = [a.step("one"), a.tell("mail", "one"), a.step("two", "one"), a.step("three", "two", "mail")]
    run = Run(a, nodes, 2)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran("h0") == ["one", "two", "three"]


async def test_a_step_of_scope_any_runs_on_targets_without_a_login(a: Author) -> None:
    nodes = [
        a.step("set", uses="test/think@1", arguments={"about": "${{ target.name }}"}),
        a.step("one", "set", when="steps.set.said == 'h1'"),
    ]
    run = Run(a, nodes, 2)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.machine("h0").logins == 0
    assert run.ran("h1") == ["one"]


async def test_no_targets_does_nothing_at_all(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("mail", ("one", "always"))], 0)
    assert await run.go() is RunOutcome.NO_TARGETS
    assert run.ran("run") == []
    assert run.record.ended == (RunOutcome.NO_TARGETS, "no_targets: nothing was done")


async def test_a_job_of_run_steps_needs_no_targets(a: Author) -> None:
    run = Run(a, [a.tell("one"), a.tell("two", "one")], 0)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran("run") == ["one", "two"]
