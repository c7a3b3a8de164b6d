"""Users and their sign-ins."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False, index: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable, index=index)


def _document() -> Any:
    return Column(JSONB, nullable=False)


class User(SQLModel, table=True):
    """Somebody who may sign in."""

    __tablename__: ClassVar[Any] = "users"
    __table_args__ = (Index("users_username_key", text("lower(username)"), unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    username: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    telephone: str = ""
    title: str = ""
    role_id: UUID = Field(foreign_key="roles.id")
    password_hash: str | None = None
    """None: they sign in without a password of ours."""
    must_change_password: bool = False
    active: bool = True
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())
    last_login_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    ui_preferences: dict[str, Any] = Field(default_factory=dict, sa_column=_document())
    notification_preferences: dict[str, Any] = Field(default_factory=dict, sa_column=_document())


class Session(SQLModel, table=True):
    """One sign-in: the family of all tokens that come from it."""

    __tablename__: ClassVar[Any] = "sessions"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    kind: str
    """`api` (access and refresh tokens) or `browser` (cookie for Prefect's pages)."""
    source: str = ""
    user_agent: str = ""
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    last_used_at: datetime = Field(default_factory=now, sa_column=_time())
    idle_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    """When it ends unless it is used before; None: only at `expires_at`."""
    expires_at: datetime = Field(sa_column=_time())
    revoked_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class SessionToken(SQLModel, table=True):
    """An opaque token, known only by its hash. `purpose`: refresh, browser_link or browser_cookie."""

    __tablename__: ClassVar[Any] = "session_tokens"

    token_hash: str = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="sessions.id", index=True, ondelete="CASCADE")
    purpose: str
    expires_at: datetime = Field(sa_column=_time())
    used_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class LoginFailures(SQLModel, table=True):
    """Failed attempts to sign in, from one source or from one source as one user."""

    __tablename__: ClassVar[Any] = "login_failures"

    key: str = Field(primary_key=True)
    failures: int = 0
    refusals: int = 0
    """Attempts that were refused untried since the block began."""
    last_at: datetime = Field(default_factory=now, sa_column=_time(index=True))
    blocked_until: datetime | None = Field(default=None, sa_column=_time(nullable=True))
