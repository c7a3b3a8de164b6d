"""What the database picks is what the selector picks, over random inventories."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine
from sqlmodel import Session, select

from opsconductor.cli.machine.cluster import Cluster
from opsconductor.sdk.selector import And, Everything, Facts, Is, Not, Or, Selector, VariableIs
from portal.kit.database import driver_url
from portal.targets.models import Target
from portal.targets.narrowing import condition
from tests.fixtures.portal import Prepared

LETTERS = "ab%_\\[]'\"é."
NUMBERS: list[Any] = [0, 1, -1, 1.0, 0.1, 2.5, True, False, 2**53, 2**53 + 1, float(2**60), 123456789012345680, 1e300]
INVENTORIES, TARGETS, SELECTORS = 4, 120, 250


def _text(random: Random, most: int = 3) -> str:
    return "".join(random.choice(LETTERS) for _ in range(random.randint(0, most)))


def _variable(random: Random, depth: int = 0) -> Any:
    match random.randint(0, 5 if depth < 2 else 3):
        case 0 | 1:
            return random.choice(NUMBERS)
        case 2:
            return _text(random)
        case 3:
            return random.choice([None, "", "1", "true"])
        case 4:
            return [_variable(random, depth + 1) for _ in range(2)]
        case _:
            return {random.choice("ab0"): _variable(random, depth + 1) for _ in range(2)}


def _inventory(random: Random) -> list[Target]:
    return [
        Target(
            name=f"{_text(random)}{number}", address="a.test", port=22, platform=random.choice(["linux", "windows"]),
            zone=_text(random, 2), tags=[_text(random) for _ in range(random.randint(0, 3))],
            groups=[_text(random) for _ in range(random.randint(0, 3))],
            variables={name: _variable(random) for name in random.sample("ab", random.randint(0, 2))}, host_keys=[],
        )
        for number in range(TARGETS)
    ]  # fmt: skip


@pytest.fixture(scope="module", params=range(INVENTORIES))
def inventory(
    request: pytest.FixtureRequest, postgres: Cluster, prepared: Prepared
) -> Iterator[tuple[Connection, list[Target]]]:
    """A connection that sees the targets, and the targets."""
    engine = create_engine(driver_url(postgres.dsn("opsconductor", prepared.name)))
    with engine.connect() as connection, Session(connection, expire_on_commit=False) as session:
        targets = _inventory(Random(request.param))
        session.add_all(targets)
        session.flush()
        yield connection, targets
        session.rollback()
    engine.dispose()


patterns = st.text(LETTERS + "*?", max_size=4).filter(lambda text: "**" not in text)
paths = st.lists(st.sampled_from(["a", "b", "0"]), min_size=1, max_size=3).map(tuple)
values = st.one_of(st.sampled_from(NUMBERS), st.sampled_from(["", "1", "true", "a"]), st.text(LETTERS, max_size=2))
conditions: st.SearchStrategy[Selector] = st.one_of(
    st.just(Everything()),
    st.builds(Is, st.sampled_from(["name", "group", "tag", "os", "zone"]), patterns),
    st.builds(Is, st.just("os"), st.sampled_from(["linux", "win*", "LINUX", "*o*"])),
    st.builds(VariableIs, paths, values),
)
selectors: st.SearchStrategy[Selector] = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=6,
)


@settings(max_examples=SELECTORS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(selector=selectors)
def test_the_database_picks_what_the_selector_picks(
    inventory: tuple[Connection, list[Target]], selector: Selector
) -> None:
    connection, targets = inventory
    wanted = {
        target.name
        for target in targets
        if selector.matches(
            Facts(target.name, target.groups, target.tags, target.platform, target.zone, target.variables)
        )
    }
    asked = condition(selector)
    found = set(connection.scalars(select(Target.name).where(asked.sql)))
    if asked.exact:
        assert found == wanted
    else:
        assert found >= wanted
