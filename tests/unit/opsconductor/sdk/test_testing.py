import pytest

from opsconductor.errors import CommandFailedError, HostUnreachableError
from opsconductor.sdk.testing import FakeHost
from opsconductor.sdk.transport import CommandOutput


async def test_answers_and_remembers() -> None:
    host = FakeHost({"cat '/a b'": CommandOutput("text")})

    output = await host.run("cat", "/a b", sudo=True, environment={"LC_ALL": "C"}, stdin=b"in", directory="/")

    assert output.stdout == "text"
    assert host.commands == ["cat '/a b'"]
    (call,) = host.calls
    assert (call.argv, call.sudo, call.stdin, call.directory, call.once) == (("cat", "/a b"), True, b"in", "/", False)


async def test_a_script_goes_by_its_text_or_by_its_name() -> None:
    host = FakeHost({"/bin/sh -c 'echo hi'": CommandOutput("hi"), "greet 'you there'": CommandOutput("hello")})

    assert (await host.shell("echo hi")).stdout == "hi"
    assert (await host.run("/bin/sh", "-c", "echo hello", "greet", "you there")).stdout == "hello"


async def test_exit_codes_are_refused_as_on_a_real_host() -> None:
    host = FakeHost({"false": CommandOutput(exit_code=1, stderr="no")}, name="db-1")

    with pytest.raises(CommandFailedError, match="db-1: `false` ended with exit code 1: no"):
        await host.run("false")
    assert (await host.run("false", accept=(0, 1))).exit_code == 1
    assert (await host.run("false", accept=())).exit_code == 1


async def test_several_answers_one_a_call() -> None:
    lost = HostUnreachableError("gone", host="web-1")
    host = FakeHost({"date": [CommandOutput("1"), CommandOutput("2"), lost]})

    assert [(await host.run("date")).stdout for _ in range(2)] == ["1", "2"]
    for _ in range(2):
        with pytest.raises(HostUnreachableError):
            await host.run("date")
