"""The settings of a portal process with where each comes from, without what is secret in them."""

import os
import tomllib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic_core import to_jsonable_python

from portal.settings import Settings

from .schemas import SettingRead, Source

PREFIX: Final = "OPSCONDUCTOR_"
FILE: Final = "portal.toml"
_HIDDEN: Final = "(hidden)"
_SECRET_PARTS: Final = ("password", "sslpassword")


def sources_of(settings: Settings) -> Mapping[str, Source]:
    """Where each setting comes from. It is looked up at the start: the file may be another one afterwards."""
    variables = {name.upper() for name in os.environ}
    written = _written(settings)
    return {name: _source(settings, name, variables, written) for name in Settings.model_fields}


def _source(settings: Settings, name: str, variables: set[str], written: set[str]) -> Source:
    if name not in settings.model_fields_set:
        return "default"
    if f"{PREFIX}{name.upper()}" in variables:
        return "environment"
    return "portal.toml" if name in written else "start"


def _written(settings: Settings) -> set[str]:
    try:
        return set(tomllib.loads((settings.home / FILE).read_text()))
    except FileNotFoundError:
        return set()


def read_settings(settings: Settings, sources: Mapping[str, Source]) -> list[SettingRead]:
    """Every setting by name, in the order of the alphabet."""
    told = descriptions()
    return [
        SettingRead(
            name=name,
            value=shown(getattr(settings, name)),
            source=sources[name],
            default=None if field.is_required() else shown(field.default),
            required=field.is_required(),
            variable=f"{PREFIX}{name.upper()}",
            description=told[name],
        )
        for name, field in sorted(Settings.model_fields.items())
    ]


def descriptions() -> Mapping[str, str]:
    """What each setting is for, from the docstring of the settings."""
    lines = (Settings.__doc__ or "").partition("Attributes:\n")[2].splitlines()
    found: dict[str, str] = {}
    for line in lines:
        name, colon, text = line.strip().partition(": ")
        if colon and name in Settings.model_fields:
            found[name] = text
    return found


def shown(value: Any) -> Any:
    """A value as JSON; of an address, the password is left out."""
    plain = to_jsonable_python(value)
    if isinstance(value, (set, frozenset)):
        return sorted(plain)
    return _without_password(plain) if isinstance(plain, str) else plain


def _without_password(text: str) -> str:
    if "://" not in text and "=" not in text:
        return text
    if text.startswith(("postgresql:", "postgres:")) or "://" not in text:
        return _of_libpq(text)
    parts = urlsplit(text)
    if parts.password is None:
        return text
    return urlunsplit(parts._replace(netloc=f"{parts.username}:***@{parts.netloc.rpartition('@')[2]}"))


def _of_libpq(text: str) -> str:
    try:
        facts = conninfo_to_dict(text)
    except ProgrammingError:
        return _HIDDEN
    hidden = {name: "***" for name in _SECRET_PARTS if name in facts}
    return make_conninfo("", **{**facts, **hidden}) if hidden else text
