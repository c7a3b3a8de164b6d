"""Bodies of the health endpoints."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """How a part feels: `degraded` works but waits for something."""

    status: Literal["ok", "degraded", "failed"]
    parts: dict[str, str] = {}
