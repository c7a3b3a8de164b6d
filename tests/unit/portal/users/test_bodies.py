"""Whatever people type is taken as it is or refused; it never breaks, and what is taken can be stored."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from opsconductor.errors import InvalidInputError
from portal.users.preferences import NotificationPreferences, UiPreferences
from portal.users.schemas import UserCreate, UserUpdate

TEXT = st.one_of(
    st.text(),
    st.text(alphabet=st.characters()),  # lone surrogates too
    st.from_regex(r"https?://[^/]*(:[0-9]*)?/?.*"),
    st.from_regex(r".*@.*"),
    st.from_regex(r"[0-9]{1,2}:[0-9]{1,2}"),
)
VALUE = st.recursive(
    st.one_of(TEXT, st.none(), st.booleans(), st.integers(), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)


def taken(model: type[BaseModel], body: dict[str, Any]) -> dict[str, Any] | None:
    """What is stored; None when the body is refused."""
    try:
        return model.model_validate(body).model_dump(mode="json")
    except (ValidationError, InvalidInputError):
        return None


def bodies(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(model.model_fields, VALUE))


@given(st.one_of(*(st.tuples(st.just(m), bodies(m)) for m in (UserUpdate, UiPreferences, NotificationPreferences))))
def test_any_body_is_taken_or_refused(case: tuple[type[BaseModel], dict[str, Any]]):
    stored = taken(*case)
    if stored is not None:
        assert "\\u0000" not in json.dumps(stored)
        json.dumps(stored, ensure_ascii=False).encode()


@given(TEXT)
def test_any_name_address_and_number_is_taken_or_refused(text: str):
    for field in ("email", "first_name", "telephone", "title", "role"):
        stored = taken(UserCreate, {"username": "anna", field: text, "password": None})
        assert stored is None or stored[field] == text.strip() or stored[field] == text
    for body in (
        {"webhook": {"url": text}},
        {"slack": {"channel": text}},
        {"quiet_hours": {"start": text, "end": text}},
    ):
        taken(NotificationPreferences, body)


def test_a_refused_password_is_not_repeated():
    for password in ("hunter2", "hunter2" * 20, ["hunter2"], {"hunter2": 1}):
        with pytest.raises(ValidationError) as refused:
            UserCreate.model_validate({"username": "anna", "password": password})
        assert "hunter2" not in str(refused.value)
