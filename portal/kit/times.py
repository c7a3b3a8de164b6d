"""Times that are said to us."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _is_written_out(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE.match(value)):
        return value
    raise ValueError(
        "is not a time with its zone, such as 2026-11-24T10:00:00Z"
    )  # a bare number is seconds to pydantic


Moment = Annotated[AwareDatetime, BeforeValidator(_is_written_out)]
"""A time with its zone as RFC 3339 writes it, and nothing else."""
