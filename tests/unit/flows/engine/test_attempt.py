"""One attempt: arguments, errors, retry, timeouts, secrets, dry run, connections."""

import asyncio

import pytest

from flows.ledger.pair import SENT, PairKey
from flows.plan import Retry
from opsconductor.errors import (
    ConnectionLostError,
    HostKeyError,
    HostUnreachableError,
    LoginRefusedError,
    MarkerError,
)
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.outcome import RunOutcome
from opsconductor.sdk.transport import CommandOutput, Verdict

from .stage import FAIL, LOGIN, Author, Run, target


@pytest.fixture
def a() -> Author:
    return Author()


def unreachable() -> HostUnreachableError:
    return HostUnreachableError("no route", host="h0")


def lost() -> ConnectionLostError:
    return ConnectionLostError("the line broke", host="h0")


async def endless() -> CommandOutput:
    await asyncio.Event().wait()
    raise AssertionError


async def test_an_attempt_is_recorded_as_sent_before_its_command_starts(a: Author) -> None:
    run = Run(a, [a.step("one")])
    seen: list[dict[PairKey, object]] = []

    async def look() -> CommandOutput:
        seen.append(dict(run.record.rows))
        return CommandOutput("hello", stdout_bytes=5)

    run.machine().answers["do one"] = look
    await run.go()
    assert seen == [{PairKey(0, 0, 1): (SENT, None)}]
    result = run.result("one")
    assert result is not None
    assert (result.exit_code, result.stdout, result.stdout_bytes) == (0, "hello", 5)


async def test_what_a_failed_command_said_is_kept(a: Author) -> None:
    run = Run(a, [a.step("one")])
    run.machine().answers["do one"] = CommandOutput("half done", 7, "no\nspace left\n", 9, 15)
    await run.go()
    result = run.result("one")
    assert result is not None
    assert result.summary == "`do` ended with exit code 7: space left"
    assert (result.exit_code, result.stdout, result.stderr) == (7, "half done", "no\nspace left\n")


async def test_an_unreachable_target_is_not_a_failed_script(a: Author) -> None:
    nodes = [a.step("one"), a.step("two", "one"), a.step("tidy", ("one", "failure")), a.tell("t", ("one", "failure"))]
    run = Run(a, nodes, 2)
    run.machine().login = [unreachable()]
    assert await run.go() is RunOutcome.PARTIAL
    assert run.outcomes() == {"one": "unreachable", "tidy": "unreachable"}
    assert run.target() == ("unreachable", "one: no route")
    assert run.ran("run") == ["t"]
    assert ("sent", PairKey(0, 0, 1)) not in run.record.history


async def test_a_refused_login_and_a_changed_key_say_so(a: Author) -> None:
    run = Run(a, [a.step("one")], 2)
    run.machine("h0").login = [LoginRefusedError("permission denied", host="h0")]
    run.machine("h1").login = [HostKeyError(host="h1", expected="SHA256:a", offered="SHA256:b")]
    assert await run.go() is RunOutcome.FAILED
    assert run.target("h0") == ("auth_failed", "one: permission denied")
    assert run.target("h1")[0] == "unreachable"
    assert "recorded SHA256:a, offered SHA256:b" in run.target("h1")[1]


async def test_a_credential_that_was_not_handed_over_is_named(a: Author) -> None:
    run = Run(a, [a.step("one")], credentials={"other": LOGIN})
    await run.go()
    assert run.target()[0] == "auth_failed"
    assert "credential login cannot be used" in run.target()[1]


async def test_a_host_key_met_for_the_first_time_is_told_once(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one")])
    run.machine().first_seen_key = "ssh-ed25519 AAAA"
    await run.go()
    assert run.record.host_keys == {0: "ssh-ed25519 AAAA"}


async def test_arguments_that_the_action_refuses_never_reach_the_host(a: Author) -> None:
    nodes = [a.step("one", when="false"), a.step("two", "one", arguments={"what": "${{ steps.one.said }}"})]
    run = Run(a, nodes)
    assert await run.go() is RunOutcome.FAILED
    assert run.machine().logins == 0
    result = run.result("two")
    assert result is not None
    assert "steps.one.said" in result.summary


async def test_a_platform_the_action_does_not_know_is_refused(a: Author) -> None:
    run = Run(a, [a.step("one", uses="test/unix@1")], [target(0, "h0", platform="windows"), target(1, "h1")])
    assert await run.go() is RunOutcome.PARTIAL
    assert run.target("h0") == ("failed", "one: test/unix@1 does not work on windows")
    assert run.machine("h0").logins == 0


# -- retry


async def test_a_failed_attempt_is_repeated_as_often_as_its_retry_says(a: Author) -> None:
    run = Run(a, [a.step("one", retry=Retry(attempts=3)), a.step("two", "one")])
    run.machine().answers["do one"] = [FAIL, FAIL, CommandOutput()]
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one", "one", "one", "two"]
    assert len(set(run.machine().tokens[:3])) == 3
    outcomes = [run.record.rows[PairKey(0, 0, attempt)][1] for attempt in (1, 2, 3)]
    assert [result.outcome.label for result in outcomes if result] == ["failed", "failed", "changed"]


async def test_a_retry_ends_with_its_last_attempt(a: Author) -> None:
    run = Run(a, [a.step("one", retry=Retry(attempts=2))]).fail("one")
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == ["one", "one"]


async def test_only_outcomes_the_retry_names_are_repeated(a: Author) -> None:
    run = Run(a, [a.step("one", retry=Retry(attempts=3, on=("unreachable",)))], 2)
    run.fail("one@h1")
    run.machine("h0").login = [unreachable(), unreachable()]
    assert await run.go() is RunOutcome.PARTIAL
    assert run.ran("h0") == ["one"]
    assert run.ran("h1") == ["one"]


async def test_the_delay_grows_by_its_backoff(a: Author) -> None:
    run = Run(a, [a.step("one", retry=Retry(attempts=3, delay_seconds=0.02, backoff=3))]).fail("one")
    began = asyncio.get_running_loop().time()
    await run.go()
    assert asyncio.get_running_loop().time() - began >= 0.02 + 0.06


# -- connections that break


async def test_an_idempotent_command_is_repeated_when_the_line_breaks(a: Author) -> None:
    run = Run(a, [a.step("one")])
    run.machine().answers["do one"] = [lost(), CommandOutput()]
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.ran() == ["one", "one"]
    assert run.machine().logins == 2
    assert all(state == 2 for state, _ in run.record.rows.values())


async def test_a_once_command_is_asked_for_when_the_line_breaks(a: Author) -> None:
    for verdict, expected, commands in (
        (Verdict("done", 0), "changed", 1),
        (Verdict("done", 4), "failed", 1),
        (Verdict("lost", detail="reboot"), "unknown", 1),
        (Verdict("no_marker"), "unknown", 1),
        (Verdict("never"), "changed", 2),
    ):
        author = Author()
        run = Run(author, [author.step("one", uses="test/do_once@1"), author.step("two", "one")])
        run.machine().answers["do one"] = [lost(), CommandOutput()]
        run.machine().verdicts = [verdict]
        await run.go()
        assert run.outcomes()["one"] == expected, verdict
        assert run.ran().count("one") == commands
        assert run.machine().probed == run.machine().tokens[:1]


async def test_a_once_command_that_still_runs_is_waited_for(a: Author) -> None:
    run = Run(a, [a.step("one", uses="test/do_once@1")])
    run.machine().answers["do one"] = lost()
    run.machine().verdicts = [Verdict("running"), Verdict("done", 0)]
    assert await run.go() is RunOutcome.SUCCEEDED
    assert len(run.machine().probed) == 2
    assert run.ran() == ["one"]


async def test_a_target_that_cannot_be_asked_leaves_the_truth_unknown(a: Author) -> None:
    nodes = [a.step("one", uses="test/do_once@1"), a.step("two", "one"), a.step("bad", ("one", "failure"))]
    run = Run(a, nodes)
    run.machine().answers["do one"] = lost()
    run.machine().verdicts = [lost()]
    assert await run.go() is RunOutcome.UNKNOWN
    assert run.ran() == ["one"]
    assert run.target()[0] == "unknown"
    assert "decide" in run.target()[1]


async def test_a_marker_that_cannot_be_made_is_a_failure_and_nothing_ran(a: Author) -> None:
    run = Run(a, [a.step("one", uses="test/do_once@1")])
    run.machine().answers["do one"] = MarkerError("~/.opsconductor is not writable", host="h0")
    assert await run.go() is RunOutcome.FAILED
    assert run.target() == ("failed", "one: ~/.opsconductor is not writable")


# -- secrets


async def test_secrets_are_opened_for_the_action_and_redacted_everywhere(a: Author) -> None:
    nodes = [
        a.step("say", uses="test/hush@1", arguments={"word": "${{ params.word }}"}),
        a.step("hear", "say", arguments={"what": "${{ steps.say.said }}"}),
        a.step("shout", "hear", uses="test/hush@1", arguments={"word": "word-credential"}),
        a.tell("mail", ("shout", "always"), arguments={"about": "${{ run.summary }}"}),
    ]
    run = Run(
        a,
        nodes,
        parameters={"word": "unused"},
        secret_parameters={"word": "word-credential"},
        credentials={"login": LOGIN, "word-credential": Secret("open sesame")},
    )
    run.machine().answers["echo 'open sesame'"] = [
        CommandOutput("you said open sesame", stdout_bytes=20),
        CommandOutput(exit_code=2, stderr="who said open sesame, or correct horse?"),
    ]
    assert await run.go() is RunOutcome.FAILED
    assert run.machine().commands[0] == "echo 'open sesame'"
    assert run.machine().commands[1] == "do '[redacted]'"
    written = repr([run.record.rows, run.record.targets, run.record.ended, run.record.events])
    assert "open sesame" not in written
    assert "correct horse" not in written
    assert written.count("[redacted]") > 4


async def test_a_secret_that_was_not_handed_over_is_named(a: Author) -> None:
    run = Run(a, [a.step("say", uses="test/hush@1", arguments={"word": "somewhere"})])
    await run.go()
    assert run.target()[1] == "say: credential somewhere was not handed to this run as a secret text"


async def test_output_is_told_while_it_comes(a: Author) -> None:
    run = Run(a, [a.step("one")])

    async def talk() -> CommandOutput:
        assert run.connector.live is not None
        for piece in ("it is corr", "ect ho", "rse now\n"):
            run.connector.live("stdout", piece)
        while not run.record.events:
            await asyncio.sleep(0)
        return CommandOutput()

    run.machine().answers["do one"] = talk
    await run.go()
    assert run.record.events[0] == ("output", {"pieces": [[0, 0, 1, "stdout", "it is [redacted] now\n"]]})


# -- dry run


async def test_a_dry_run_changes_nothing(a: Author) -> None:
    nodes = [
        a.step("checked", uses="test/do_checked@1"),
        a.step("unchecked", "checked"),
        a.step("reader", "unchecked", uses="test/think@1", arguments={"about": "${{ steps.unchecked.said }}"}),
        a.step("last", "reader", when="steps.unchecked.said == ''"),
    ]
    run = Run(a, nodes, check_only=True)
    assert await run.go() is RunOutcome.SUCCEEDED
    assert run.machine().commands == ["look checked"]
    assert run.outcomes() == {"checked": "changed", "unchecked": "skipped", "reader": "skipped", "last": "skipped"}
    result = run.result("unchecked")
    assert result is not None
    assert "no dry run" in result.summary


async def test_an_action_that_breaks_fails_its_step_only(a: Author) -> None:
    async def broken() -> CommandOutput:
        raise ZeroDivisionError("by nothing")

    run = Run(a, [a.step("one"), a.step("tidy", ("one", "failure"))], 2)
    run.machine("h0").answers["do one"] = broken
    assert await run.go() is RunOutcome.PARTIAL
    assert run.target() == ("failed", "one: the action broke: ZeroDivisionError: by nothing")
    assert run.machine("h0").commands == ["do one", "do tidy"]


async def test_an_action_that_is_not_installed_ends_the_run_with_its_name(a: Author) -> None:
    step = a.step("one").model_copy(update={"uses": "acme/thing.do@2"})
    run = Run(a, [step])
    assert await run.go() is RunOutcome.FAILED
    assert run.record.ended == (
        RunOutcome.FAILED,
        "failed: step one: action acme/thing.do@2 is not installed on this worker",
    )
