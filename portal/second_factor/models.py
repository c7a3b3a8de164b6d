"""What people prove besides their password."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey
from sqlmodel import Field, SQLModel

from portal.kit.ids import now


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _user(**options: Any) -> Any:
    return Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False, **options)


class SecondFactor(SQLModel, table=True):
    """A user's authenticator app. It counts once a first code has confirmed it."""

    __tablename__: ClassVar[Any] = "second_factors"

    user_id: UUID = Field(sa_column=_user(primary_key=True))
    sealed_secret: str
    """An envelope of the keyring, bound to the user."""
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Time step of the last code that was taken: none of that step or before is taken again (RFC 6238, 5.2)."""
    failures: int = 0
    blocked_until: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    confirmed_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class RecoveryCode(SQLModel, table=True):
    """A code for when the app is lost, known only by its hash; it is removed when it is used."""

    __tablename__: ClassVar[Any] = "recovery_codes"

    code_hash: str = Field(primary_key=True)
    user_id: UUID = Field(sa_column=_user(index=True))


class LoginChallenge(SQLModel, table=True):
    """A sign-in whose password was right and that waits for the code."""

    __tablename__: ClassVar[Any] = "login_challenges"

    token_hash: str = Field(primary_key=True)
    user_id: UUID = Field(sa_column=_user(index=True))
    expires_at: datetime = Field(sa_column=_time())
