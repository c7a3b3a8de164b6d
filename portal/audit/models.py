"""The audit log's table."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class AuditEntry(SQLModel, table=True):
    """One fact about who did what. Rows are only ever added; each one's hash covers the one before."""

    __tablename__: ClassVar[Any] = "audit_log"
    __table_args__ = (Index("audit_log_subject_idx", "subject_kind", "subject_id"),)

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    event: str = Field(index=True)
    actor_id: str = ""
    actor_name: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    source: str = ""
    request_id: str = ""
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    previous_hash: str
    hash: str
