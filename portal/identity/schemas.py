"""Bodies of the identity endpoints."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from portal.authz.permissions import PlaceKind
from portal.kit.text import Line, RequestModel

BCRYPT_BYTES = 72


def _fits_bcrypt(password: SecretStr) -> SecretStr:
    text = password.get_secret_value()
    if len(text) < 12:
        raise ValueError("must have at least 12 characters")
    if len(text.encode()) > BCRYPT_BYTES:
        raise ValueError(f"must have at most {BCRYPT_BYTES} bytes")
    return password


NewPassword = Annotated[SecretStr, AfterValidator(_fits_bcrypt)]


class Login(RequestModel):
    """Who signs in."""

    username: Line = Field(min_length=1, max_length=200)
    password: SecretStr = Field(max_length=1000)


class Refresh(RequestModel):
    """The refresh token of a sign-in."""

    refresh_token: SecretStr = Field(max_length=200)


class PasswordChange(RequestModel):
    """The old password and the new one."""

    current_password: SecretStr = Field(max_length=1000)
    new_password: NewPassword


class UserRead(BaseModel):
    """A user, as others see them."""

    id: UUID
    username: str
    email: str
    first_name: str
    last_name: str
    telephone: str
    title: str
    role: str
    active: bool
    must_change_password: bool
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None


class GrantHeld(BaseModel):
    """A role that somebody has in one place."""

    model_config = ConfigDict(from_attributes=True)
    role: str
    kind: PlaceKind
    place: str = Field(description="Name of a target group, path of a job folder, or key of a credential.")
    permissions: list[str] = Field(description="What it gives there.")


class MeRead(BaseModel):
    """The signed-in user and what they may do."""

    user: UserRead
    permissions: list[str] = Field(description="What they may do everywhere.")
    grants: list[GrantHeld] = Field(description="What they may do in some places besides.")


class TokenRead(BaseModel):
    """Tokens of a sign-in."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 (a scheme's name)
    expires_in_seconds: int
    refresh_token: str
    must_change_password: bool
    username: str


class BrowserSignInRead(BaseModel):
    """A sign-in whose tokens only the browser has, in cookies that no script can read."""

    username: str
    must_change_password: bool
    expires_in_seconds: int = Field(description="When to renew: POST /auth/browser/refresh.")


class SessionRead(BaseModel):
    """A sign-in that still holds."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    kind: Literal["api", "browser"] = Field(description="`browser`: Prefect's pages, by a one-time link.")
    source: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool = Field(default=False, description="Whether this request belongs to it.")


class SignedOutRead(BaseModel):
    """How many sign-ins were ended."""

    ended: int


class BrowserLinkRead(BaseModel):
    """A link that signs one browser in, once."""

    url: str
    expires_in_seconds: int
