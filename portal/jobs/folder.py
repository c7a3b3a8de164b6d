"""Paths of the folders that jobs and templates are kept in: `web/prod`; the empty one is the top."""

import unicodedata
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from portal.kit.text import Line

MAX_LENGTH = 200
MAX_DEPTH = 16


def normal_folder(path: str) -> str:
    """The one way of writing a path: no slash around it, no blanks around its parts, composed characters.

    Raises:
        ValueError: A part is empty, `.` or `..`, or it is too long or too deep.
    """
    inner = unicodedata.normalize("NFC", path).strip().removeprefix("/").removesuffix("/")
    if not inner:
        return ""
    parts = [part.strip() for part in inner.split("/")]
    if "" in parts:
        raise ValueError("must not have empty parts, such as in `a//b`")
    if "." in parts or ".." in parts:
        raise ValueError("must not have parts that are `.` or `..`; write the whole path")
    if len(inner) > MAX_LENGTH:
        raise ValueError(f"must not be longer than {MAX_LENGTH} characters")
    if len(parts) > MAX_DEPTH:
        raise ValueError(f"must not be deeper than {MAX_DEPTH} folders")
    return "/".join(parts)


def with_parents(path: str) -> Iterator[str]:
    """The folder and those around it, the innermost first; the top is not among them."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def is_inside(path: str, folder: str) -> bool:
    """Whether a path is the folder or below it."""
    return not folder or path == folder or path.startswith(f"{folder}/")


Folder = Annotated[Line, StringConstraints(max_length=MAX_LENGTH), AfterValidator(normal_folder)]
