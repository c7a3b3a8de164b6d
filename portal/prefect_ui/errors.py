"""Errors of Prefect's pages."""

from opsconductor.errors import NotAllowedError, UnavailableError


class PrefectCallRefusedError(NotAllowedError):
    """Only what Prefect's pages need for reading passes."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(
            f"{method} {path} is not passed on: Prefect's pages are for reading; change things through OpsConductor"
        )
        self.method = method
        self.path = path


class PrefectAwayError(UnavailableError):
    """Prefect does not answer."""

    def __init__(self) -> None:
        super().__init__("Prefect does not answer; try again in a moment")
