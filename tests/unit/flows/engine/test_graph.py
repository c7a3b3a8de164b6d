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
