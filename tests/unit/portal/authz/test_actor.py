from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.authz.actor import Actor, Grant, Scope
from portal.authz.permissions import BUILT_IN_ROLES, CONFERRED, DESCRIPTIONS, Permission, PlaceKind, held_by

EVERYTHING = frozenset(Permission)
KEY = uuid4()


def actor(*grants: Grant, everywhere: frozenset[Permission] = frozenset()) -> Actor:
    return Actor(uuid4(), "anna", uuid4(), everywhere, grants)


def grant(kind: PlaceKind, place: str, held: frozenset[Permission] = EVERYTHING) -> Grant:
    return Grant.of_role("all", held, kind, place)


def test_what_holds_everywhere_needs_no_grant():
    scope = actor(everywhere=EVERYTHING).scope(Permission.JOBS_RUN)
    assert scope.covers_job("any/where")
    assert scope.covers_target([])
    assert scope.covers_credential(KEY)


def test_a_grant_holds_in_its_place_only():
    anna = actor(grant("job_folder", "web"), grant("target_group", "web"), grant("credential", str(KEY)))
    run, connect, use = (anna.scope(Permission(name)) for name in ("jobs:run", "targets:connect", "credentials:use"))
    assert [run.covers_job(folder) for folder in ("web", "web/eu", "website", "", "we")] == [True, True, *[False] * 3]
    assert [connect.covers_target(groups) for groups in (["db", "web"], ["WEB"], [])] == [True, False, False]
    assert [use.covers_credential(key) for key in (KEY, UUID(int=0))] == [True, False]
    assert not run.covers_target(["web"])
    assert not connect.covers_job("web")


def test_a_grant_gives_nothing_that_is_not_done_to_things_of_its_place():
    anna = actor(grant("job_folder", "web"))
    assert {item for item in Permission if anna.may(item)} == CONFERRED["job_folder"]
    assert not anna.may(Permission.AUDIT_VIEW)
    assert not anna.may(Permission.TARGETS_VIEW)


def test_grants_add_up():
    anna = actor(
        grant("job_folder", "web", frozenset({Permission.JOBS_VIEW})),
        grant("job_folder", "db", frozenset({Permission.JOBS_RUN})),
    )
    assert anna.scope(Permission.JOBS_VIEW) == Scope(folders=frozenset({"web"}))
    assert anna.scope(Permission.JOBS_RUN) == Scope(folders=frozenset({"db"}))


@given(st.sets(st.sampled_from(Permission)), st.sets(st.sampled_from(Permission)), st.sampled_from(sorted(CONFERRED)))
def test_may_says_whether_there_is_any_scope(everywhere: set[Permission], held: set[Permission], kind: PlaceKind):
    anna = actor(grant(kind, str(KEY), frozenset(held)), everywhere=frozenset(everywhere))
    for permission in Permission:
        assert anna.may(permission) == (anna.scope(permission) != Scope())


def test_an_api_token_has_at_most_what_its_owner_has():
    anna = actor(grant("job_folder", "web"), everywhere=frozenset({Permission.TARGETS_VIEW}))
    token = anna.by_token(uuid4(), ["jobs:run", "audit:view"])
    assert {item for item in Permission if token.may(item)} == {Permission.JOBS_RUN}


def test_permissions_that_this_version_does_not_know_are_left_out():
    assert held_by("old", ["jobs:view", "moons:paint"], built_in=False) == {Permission.JOBS_VIEW}
    assert held_by("nobody", ["jobs:view"], built_in=True) == frozenset()


def test_every_permission_is_described_and_the_built_in_roles_nest():
    assert set(DESCRIPTIONS) == EVERYTHING
    assert BUILT_IN_ROLES["viewer"] < BUILT_IN_ROLES["operator"] < BUILT_IN_ROLES["admin"] == EVERYTHING


def test_only_looking_and_doing_to_things_of_a_place_can_be_granted():
    for kind, noun in (("target_group", "targets"), ("credential", "credentials")):
        assert {str(item) for item in CONFERRED[kind]} - {"groups:manage"} >= {f"{noun}:view"}
    assert not any(Permission.CREDENTIALS_CREATE in given for given in CONFERRED.values())
