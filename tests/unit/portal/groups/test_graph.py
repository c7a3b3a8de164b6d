"""How groups hang together."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.sdk.selector import Facts, parse_selector, with_group_renamed
from portal.groups.errors import GroupCycleError
from portal.groups.graph import GroupGraph, Node


def key(number: int) -> UUID:
    return UUID(int=number)


def graph(*nodes: tuple[str, str | None, tuple[int, ...]]) -> GroupGraph:
    """Groups 0, 1, …: name, selector, numbers of the groups they are in."""
    return GroupGraph(
        Node(key(number), name, select, frozenset(map(key, parents)))
        for number, (name, select, parents) in enumerate(nodes)
    )


def test_a_target_is_in_its_group_and_in_all_above() -> None:
    nested = graph(("web", None, (1, 2)), ("dc", None, (2,)), ("all-dc", None, ()), ("db", None, ()))
    assert nested.membership(Facts("a"), {key(0)}) == ["all-dc", "dc", "web"]
    assert nested.membership(Facts("a"), {key(1), key(3)}) == ["all-dc", "db", "dc"]
    assert nested.membership(Facts("a"), ()) == []
    assert sorted(nested.names_from(key(0))) == ["all-dc", "dc", "web"]


def test_a_selector_sees_the_groups_it_names() -> None:
    picked = graph(
        ("prod", "group:web* and tag:prod", ()), ("web", None, ()), ("rest", "not group:prod", (3,)), ("top", None, ())
    )
    assert picked.membership(Facts("a", tags=["prod"]), {key(1)}) == ["prod", "web"]
    assert picked.membership(Facts("a"), {key(1)}) == ["rest", "top", "web"]
    assert [node.name for node in picked.naming("prod")] == ["rest"]
    assert [node.name for node in picked.affected_by([key(1)])] == ["web", "prod", "rest", "top"]


@pytest.mark.parametrize(
    "nodes",
    [
        [("a", None, (0,))],
        [("a", None, (1,)), ("b", None, (0,))],
        [("a", "group:a", ())],
        [("a", "tag:x or not group:a*", ())],
        [("a", "group:b", ()), ("b", "group:a", ())],
        [("a", "group:b", (1,)), ("b", None, ())],
        [("a", "group:c", (1,)), ("b", None, (2,)), ("c", None, ())],
    ],
)
def test_a_group_never_contains_itself(nodes: list[tuple[str, str | None, tuple[int, ...]]]) -> None:
    with pytest.raises(GroupCycleError, match="a → "):
        graph(*nodes)


def test_letters_of_a_name_count_in_selectors() -> None:
    mixed = graph(("Web", None, ()), ("picked", "group:web", ()))
    assert mixed.membership(Facts("a"), {key(0)}) == ["Web"]
    assert mixed.find("WEB") == mixed.get(key(0))


@given(st.integers(1, 30), st.randoms(use_true_random=False))
def test_deciding_anew_about_what_changed_is_enough(size: int, random: "object") -> None:
    import random as numbers

    assert isinstance(random, numbers.Random)
    nodes = [
        Node(
            key(number),
            f"g{number}",
            # Only groups with a higher number are named, and only lower ones are parents: no circle.
            f"{random.choice(['', 'not '])}group:g{random.randint(number + 1, size + 1)}"
            if random.random() < 0.4
            else None,
            frozenset(key(random.randrange(number)) for _ in range(random.randint(0, 2)) if number),
        )
        for number in range(size)
    ]
    whole = GroupGraph(nodes)
    direct = {node.id for node in nodes if node.select is None and random.random() < 0.2}
    before = whole.membership(Facts("a"), direct)
    changed = random.choice(nodes).id
    direct ^= {changed}
    affected = whole.affected_by([changed])
    names = {node.name for node in affected}
    kept = [name for name in before if name not in names]
    assert whole.membership(Facts("a"), direct, kept, affected) == whole.membership(Facts("a"), direct)


def test_another_name_is_followed_in_selectors() -> None:
    selector = parse_selector("(group:web or not group:web*) and group:'web' and tag:web")
    assert (
        str(with_group_renamed(selector, "web", "front"))
        == "(group:front or not group:web*) and group:front and tag:web"
    )
