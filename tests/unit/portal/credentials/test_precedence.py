"""Which credential a target signs in with."""

from itertools import pairwise
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.credentials.precedence import Bindings, Candidate, GroupBinding, depths

OWN, OF_WEB, OF_PROD, OF_JOB = (uuid4() for _ in range(4))
BINDINGS = Bindings([GroupBinding(OF_PROD, "prod", 0), GroupBinding(OF_WEB, "web", 1)], OF_JOB)


def test_the_targets_own_comes_first_and_the_jobs_last():
    assert BINDINGS.candidates(OWN, ["web", "prod"]) == [
        Candidate(OWN, "target"),
        Candidate(OF_WEB, "group", "web"),
        Candidate(OF_PROD, "group", "prod"),
        Candidate(OF_JOB, "job"),
    ]
    assert BINDINGS.effective(OWN, ["web"]) == OWN
    assert BINDINGS.effective(None, ["prod", "web"]) == OF_WEB
    assert BINDINGS.effective(None, ["prod"]) == OF_PROD
    assert BINDINGS.effective(None, ["db"]) == OF_JOB
    assert Bindings().effective(None, ["web"]) is None


def test_groups_of_the_same_depth_go_by_name():
    first, second = uuid4(), uuid4()
    bindings = Bindings([GroupBinding(second, "beta", 2), GroupBinding(first, "Alpha", 2)])
    assert bindings.effective(None, ["beta", "Alpha"]) == first


@st.composite
def forests(draw: st.DrawFn) -> dict[UUID, list[UUID]]:
    """Groups, each with parents among those before it: no cycles."""
    groups = [UUID(int=number) for number in range(draw(st.integers(1, 12)))]
    return {
        group: sorted(draw(st.sets(st.sampled_from(groups[:place]), max_size=3))) if place else []
        for place, group in enumerate(groups)
    }


@given(forests())
def test_a_group_lies_deeper_than_everything_above_it(parents: dict[UUID, list[UUID]]):
    found = depths(parents, list(parents))
    for group, above in parents.items():
        assert found[group] == max((found[parent] + 1 for parent in above), default=0)


def test_a_long_line_of_groups_is_no_trouble():
    groups = [UUID(int=number) for number in range(5_000)]
    line = {group: [parent] for parent, group in pairwise(groups)}
    assert depths(line, [groups[-1]]) == {groups[-1]: 4_999}
