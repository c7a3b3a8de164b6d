"""What the API says of the portal's settings."""

from typing import Any, Literal

from pydantic import BaseModel, Field

Source = Literal["default", "environment", "portal.toml", "start"]


class SettingRead(BaseModel):
    """One setting of the portal that answers, as it holds now."""

    name: str
    value: Any = Field(description="What holds; passwords inside addresses are left out.")
    source: Source = Field(description="Where the value comes from; start: whoever started the portal gave it.")
    default: Any = Field(description="What holds when nobody says anything; null also where there is none.")
    required: bool = Field(description="Whether there is no default.")
    variable: str = Field(description="The environment variable that sets it.")
    description: str
