"""Errors of single sign-on. Each says what to do next; none repeats what the provider sent."""

from opsconductor.errors import ConflictError, NotAllowedError, NotAuthenticatedError, NotFoundError, UnavailableError


class SsoNotSetUpError(NotFoundError):
    """This portal has no provider."""

    def __init__(self) -> None:
        super().__init__("single sign-on", "here", hint="sign in with your password; portal.toml sets it up")


class ProviderAwayError(UnavailableError):
    """The provider does not answer, or not as a provider does."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the sign-in provider cannot be used: {reason}; try again, or sign in with your password")


class SsoExpiredError(NotAuthenticatedError):
    """The way back from the provider was used before, took too long, or began in another browser."""

    def __init__(self) -> None:
        super().__init__("this sign-in was used, took too long or began in another browser; start it again")


class ProviderRefusedError(NotAuthenticatedError):
    """The provider did not sign the user in."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the sign-in provider refused ({code}); start again, or ask whoever runs it")


class IdTokenRefusedError(NotAuthenticatedError):
    """What the provider says of the user cannot be trusted."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the sign-in provider's answer is refused: {reason}; start again, or tell an admin")


class SsoUserRefusedError(NotAllowedError):
    """The provider knows them, but they may not sign in here.

    Attributes:
        subject: Who they are at the provider: what an admin links.
    """

    def __init__(self, reason: str, subject: str) -> None:
        super().__init__(reason)
        self.subject = subject


class SsoUsernameTakenError(ConflictError):
    """A user of that name is here already, and was never linked to this account of the provider.

    Attributes:
        subject: Who they are at the provider: what an admin links.
    """

    def __init__(self, username: str, subject: str) -> None:
        super().__init__(
            f"a user {username} exists here already and is not linked to this account; "
            f"an admin links them: opsconductor sso link {username} SUBJECT (the audit log has the subject)"
        )
        self.subject = subject


class SubjectLinkedError(ConflictError):
    """Another user is linked to this account of the provider."""

    def __init__(self) -> None:
        super().__init__("another user is linked to this account already; unlink them first")
