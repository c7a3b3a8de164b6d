"""Errors of the identity module."""

from uuid import UUID

from opsconductor.errors import NotAllowedError, NotAuthenticatedError, TooManyRequestsError


class NotSignedInError(NotAuthenticatedError):
    """The request carries no token, or one that is not valid any more."""

    def __init__(self) -> None:
        super().__init__("sign in first: the token is missing, expired, revoked or not ours")


class LoginFailedError(NotAuthenticatedError):
    """Username and password do not belong together."""

    def __init__(self, username: str) -> None:
        super().__init__("username or password is wrong")
        self.username = username


class TooManyLoginsError(TooManyRequestsError):
    """Too many attempts to sign in failed, from one address or from one address as one user.

    Attributes:
        first: Whether it is the first refusal since the block began: that one goes on record.
    """

    def __init__(self, username: str, retry_after_seconds: int, *, first: bool) -> None:
        super().__init__(
            f"too many attempts to sign in failed; try again in {retry_after_seconds} s",
            retry_after_seconds=retry_after_seconds,
        )
        self.username = username
        self.first = first


class PasswordChangeRequiredError(NotAllowedError):
    """The password was given for once; until it is changed nothing else can be done."""

    def __init__(self) -> None:
        super().__init__("your password has to be changed first: POST /api/v1/auth/password, or opsconductor password")


class RefreshTokenReplayedError(NotAuthenticatedError):
    """A refresh token was used again long after it was replaced: the whole sign-in is revoked."""

    def __init__(self, session_id: UUID, user_id: UUID) -> None:
        super().__init__("the refresh token was used before; this sign-in is revoked, sign in again")
        self.session_id = session_id
        self.user_id = user_id


class LinkNotValidError(NotAuthenticatedError):
    """The one-time link was used, has expired, or was never given."""

    def __init__(self) -> None:
        super().__init__("this link was used or has expired; ask for a new one: opsconductor login --browser")
