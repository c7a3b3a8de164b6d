"""Accounts at the sign-in provider, and sign-ins on their way there and back."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, UniqueConstraint
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


class SsoIdentity(SQLModel, table=True):
    """A user's account at a provider. The subject says who it is; names and addresses there may change hands."""

    __tablename__: ClassVar[Any] = "sso_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="sso_identities_key"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True))
    issuer: str
    subject: str
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    last_login_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class SsoLogin(SQLModel, table=True):
    """A browser that was sent to the provider. The row is removed when it comes back."""

    __tablename__: ClassVar[Any] = "sso_logins"

    state_hash: str = Field(primary_key=True)
    browser_hash: str
    """Of the cookie that only the browser which began it has."""
    nonce: str
    code_verifier: str
    next_path: str
    challenge: str | None = None
    """Of the command line that waits for this sign-in (S256, RFC 7636); None for a browser."""
    port: int | None = None
    """Where the command line listens on its loopback."""
    expires_at: datetime = Field(sa_column=_time())


class SsoCode(SQLModel, table=True):
    """A one-time code with which a command line fetches the tokens of a sign-in that its browser made."""

    __tablename__: ClassVar[Any] = "sso_codes"

    code_hash: str = Field(primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True))
    challenge: str
    expires_at: datetime = Field(sa_column=_time())
