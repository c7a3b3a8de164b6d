"""A condition of a query and the same question in Python give the same answer, whatever the names."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Integer, String, Uuid, column, create_engine, select, values
from sqlalchemy.dialects.postgresql import JSONB

from portal.authz.actor import Scope
from portal.authz.reach import among, in_folders, in_groups
from portal.kit.database import driver_url

_PART = st.text(st.sampled_from("ab_%\\/'\"?| -.é"), max_size=4)
_TEXTS = st.lists(_PART, max_size=4)
_FOLDER = st.one_of(_PART, _TEXTS.map("/".join))
_KEYS = [uuid4() for _ in range(4)]


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    engine = create_engine(driver_url(database))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


property_ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@property_
@given(
    own=_TEXTS,
    folders=st.lists(st.one_of(_PART, _TEXTS.map("/".join)), min_size=1, max_size=8),
    everywhere=st.booleans(),
)
def test_jobs(connection: Connection, own: list[str], folders: list[str], everywhere: bool):
    scope = Scope(everywhere, folders=frozenset(own))
    rows = values(column("ord", Integer), column("folder", String), name="jobs").data(list(enumerate(folders)))
    found = set(connection.scalars(select(rows.c.ord).where(in_folders(scope, rows.c.folder))))
    assert found == {ord_ for ord_, folder in enumerate(folders) if scope.covers_job(folder)}


@property_
@given(own=_TEXTS, targets=st.lists(_TEXTS, min_size=1, max_size=8), everywhere=st.booleans())
def test_targets(connection: Connection, own: list[str], targets: list[list[str]], everywhere: bool):
    scope = Scope(everywhere, groups=frozenset(own))
    rows = values(column("ord", Integer), column("groups", JSONB), name="targets").data(list(enumerate(targets)))
    found = set(connection.scalars(select(rows.c.ord).where(in_groups(scope, rows.c.groups))))
    assert found == {ord_ for ord_, groups in enumerate(targets) if scope.covers_target(groups)}


@property_
@given(own=st.sets(st.sampled_from(_KEYS)), everywhere=st.booleans())
def test_credentials(connection: Connection, own: set[UUID], everywhere: bool):
    scope = Scope(everywhere, credentials=frozenset(own))
    rows = values(column("key", Uuid), name="credentials").data([(key,) for key in _KEYS])
    found = set(connection.scalars(select(rows.c.key).where(among(scope, rows.c.key))))
    assert found == {key for key in _KEYS if scope.covers_credential(key)}
