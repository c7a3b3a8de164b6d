"""Tokens of runs whose flow process our own worker does not start (docs/adr/0004-stock-worker.md)."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey
from sqlmodel import Field, SQLModel


class RunToken(SQLModel, table=True):
    """What a flow process of a stock Prefect worker shows to get its run's credentials, once an epoch.

    In clear, for the flow's database role reads it here; it is good for one run and one day.
    """

    __tablename__: ClassVar[Any] = "job_run_tokens"

    run_id: UUID = Field(sa_column=Column(ForeignKey("job_runs.id", ondelete="CASCADE"), primary_key=True))
    token: str
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    used_epoch: int = 0
