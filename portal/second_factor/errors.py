"""Errors of the second factor."""

from uuid import UUID

from opsconductor.errors import ConflictError, NotAuthenticatedError, TooManyRequestsError


class ChallengeNotValidError(NotAuthenticatedError):
    """The challenge was used, has expired, or was never given."""

    def __init__(self) -> None:
        super().__init__("this sign-in was finished or took too long; start again with your password")


class SecondFactorFailedError(NotAuthenticatedError):
    """The code is wrong, was used before, or is not for this time."""

    def __init__(self, user_id: UUID, username: str) -> None:
        super().__init__("the code is wrong or was used before; wait for the next one, or use a recovery code")
        self.user_id = user_id
        self.username = username


class TooManyCodesError(TooManyRequestsError):
    """Too many wrong codes; the next one has to wait."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            f"too many wrong codes; try again in {retry_after_seconds} s", retry_after_seconds=retry_after_seconds
        )


class SecondFactorEnabledError(ConflictError):
    """There is a second factor already."""

    def __init__(self) -> None:
        super().__init__("you have a second factor already; disable it first to enrol another app")


class NoSecondFactorError(ConflictError):
    """There is no second factor to do this with."""

    def __init__(self) -> None:
        super().__init__("there is no second factor here; enrol an app first")


class SecondFactorRequiredError(ConflictError):
    """The user's role cannot be without a second factor."""

    def __init__(self, role: str) -> None:
        super().__init__(f"the role {role} needs a second factor; it cannot be disabled, only reset by an admin")
        self.role = role
