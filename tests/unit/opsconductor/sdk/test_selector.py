"""Selectors choose targets, and say what is wrong with them."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.errors import InvalidInputError
from opsconductor.sdk.selector import And, Everything, Facts, Is, Not, Or, Selector, VariableIs, parse_selector

WEB = Facts(
    "web09", groups=["web", "all-dc"], tags=["prod"], os="linux", zone="fra", vars={"site": "fra", "n": {"a": 2}}
)
DB = Facts("db-1", groups=["db"], tags=["prod", "a b"], os="windows", vars={"on": True, "count": 1})


@pytest.mark.parametrize(
    ("text", "web", "db"),
    [
        ("all", True, True),
        ("not all", False, False),
        ("group:web", True, False),
        ("host:web09", True, False),
        ("name:web*", True, False),
        ("name:web?9", True, False),
        ("name:*", True, True),
        ("name:web[0]9", False, False),
        ("os:windows", False, True),
        ("zone:fra", True, False),
        ("tag:'a b'", False, True),
        ('tag:"a b"', False, True),
        ("group:web and tag:prod and not host:web09", False, False),
        ("group:web or group:db", True, True),
        ("group:db or group:web and tag:test", False, True),
        ("(group:db or group:web) and tag:test", False, False),
        ("not (group:db or tag:test)", True, False),
        ("not not group:db", False, True),
        ('var.site == "fra"', True, False),
        ("var.site != 'fra'", False, True),
        ("var.n.a == 2", True, False),
        ("var.n == 2", False, False),
        ("var.site.deeper == 2", False, False),
        ("var.on == true", False, True),
        ("var.count == true", False, False),
        ("var.count == 1", False, True),
        ("var.count == 1.0", False, True),
        ("  group:web\n  and\ttag:prod ", True, False),
    ],
)
def test_matches(text: str, web: bool, db: bool) -> None:
    selector = parse_selector(text)
    assert (selector.matches(WEB), selector.matches(DB)) == (web, db)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "column 1: a condition is missing", "all"),
        ("web", "column 1: `web` says not what it is", "group:web"),
        ("group:web tag:prod", "column 11: `tag` was not expected", "`and` or `or`"),
        ("group:web and", "column 14: a condition is missing", "group:web"),
        ("grp:web", "column 1: targets have no `grp`", "group"),
        ("(group:web", "column 11: a parenthesis is not closed", "`)`"),
        ("group:web)", "column 10: `)` was not expected", "remove"),
        ("and group:web", "column 1: a condition was expected, not `and`", "group:web"),
        ("var.site", "column 9: `var.site` is compared with nothing", "=="),
        ("var.site == fra", "column 13: `fra` is not a value", '"fra"'),
        ("group: web", "column 1: `group` says not", "group:"),
        ('tag:"open', "column 1: `tag` says not", ""),
        ("group:web && tag:a", "column 11: `&` was not expected", "and"),
        ("not " * 100 + "all", "nested deeper", "groups"),
        ("(" * 100 + "all" + ")" * 100, "nested deeper", "groups"),
        ("all or " * 1000 + "all", "4,096 characters", "group"),
    ],
)
def test_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_selector(text)
    [problem] = refusal.value.problems
    assert message in problem.message
    assert hint in problem.hint


names = st.text(min_size=1, max_size=8)
conditions: st.SearchStrategy[Selector] = st.one_of(
    st.just(Everything()),
    st.builds(Is, st.sampled_from(["name", "group", "tag", "os", "zone"]), names.filter(lambda name: "**" not in name)),
    st.builds(VariableIs, st.just(("site", "a-b")), st.one_of(names, st.integers(-9, 9), st.booleans())),
)
selectors: st.SearchStrategy[Selector] = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


@given(selectors)
def test_written_and_read_again_it_means_the_same(selector: Selector) -> None:
    again = parse_selector(str(selector))
    assert [again.matches(facts) for facts in (WEB, DB)] == [selector.matches(facts) for facts in (WEB, DB)]
    assert str(parse_selector(str(again))) == str(again)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInputError):
        assert parse_selector(text).matches(WEB) in {True, False}


def test_hostile_selectors_end_at_once() -> None:
    started = time.process_time()
    hostile = parse_selector("name:" + "a*" * 1000 + "b or name:" + "*a" * 800 + "b")
    assert not hostile.matches(Facts("a" * 200))
    for text in ('"' * 4000, "var" + ".a" * 2000, " " * 4000 + "x", "(" * 4000):
        with pytest.raises(InvalidInputError):
            parse_selector(text)
    assert time.process_time() - started < 1


def test_a_fleet_is_selected_in_no_time() -> None:
    selector = parse_selector('group:web and tag:prod and not name:web-*-old and var.site == "fra"')
    started = time.process_time()
    assert sum(selector.matches(WEB) for _ in range(5000)) == 5000
    assert time.process_time() - started < 1
