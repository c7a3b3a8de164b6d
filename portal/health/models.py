"""Tables of the figures that are counted once a run has ended, and stay when retention deletes it."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Double, SmallInteger
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
