"""Tables of figures: counted once a run has ended, so that they stay when retention deletes it; and the workers."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Double, SmallInteger
from sqlmodel import Field, SQLModel


class RunEnd(SQLModel, table=True):
    """How often runs ended in one way. A run that is resumed ends again."""

    __tablename__: ClassVar[Any] = "run_ends"

    outcome: str = Field(primary_key=True)
    count: int = Field(sa_column=Column(BigInteger, nullable=False))


class ActionDuration(SQLModel, table=True):
    """How many attempts of one action took a time that falls into one bucket, and how long in all."""

    __tablename__: ClassVar[Any] = "action_durations"

    action: str = Field(primary_key=True)
    bucket: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    count: int = Field(sa_column=Column(BigInteger, nullable=False))
    seconds: float = Field(sa_column=Column(Double, nullable=False))


class WorkerSeen(SQLModel, table=True):
    """A worker that said it is there. One that stops takes its row along; one that is lost leaves it."""

    __tablename__: ClassVar[Any] = "workers"

    name: str = Field(primary_key=True)
    seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    going: int
    capacity: int
