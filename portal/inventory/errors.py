"""Errors of the inventory module."""

from collections.abc import Sequence

from opsconductor.errors import InvalidInputError, Problem


class ImportRefusedError(InvalidInputError):
    """Something in the file is refused, so nothing of it was imported."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
