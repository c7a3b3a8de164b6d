"""Tokens that people make for their programs."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


class ApiToken(SQLModel, table=True):
    """A token, known only by its hash. It may do what its scopes say and its owner may."""

    __tablename__: ClassVar[Any] = "api_tokens"
    __table_args__ = (Index("api_tokens_name_key", "user_id", text("lower(name)"), unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False))
    name: str
    token_hash: str = Field(unique=True)
    hint: str
    """How the token begins, for telling one from another."""
    scopes: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    expires_at: datetime = Field(sa_column=_time())
    last_used_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    last_used_source: str = ""
