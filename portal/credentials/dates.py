"""When a credential is good, and when somebody should look after it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from opsconductor.errors import InvalidInputError, Problem

from .errors import CredentialExpiredError
from .models import Credential

_DAY_SECONDS = 86_400


def is_valid(credential: Credential, moment: datetime) -> bool:
    """Whether runs may use it at that time."""
    too_early = credential.valid_from is not None and moment < credential.valid_from
    too_late = credential.valid_until is not None and moment >= credential.valid_until
    return not (too_early or too_late)


def days_left(credential: Credential, moment: datetime) -> int | None:
    """Whole days until it expires; negative when it has; None when it never does."""
    if credential.valid_until is None:
        return None
    return int((credential.valid_until - moment).total_seconds() // _DAY_SECONDS)


def is_rotation_due(credential: Credential, moment: datetime) -> bool:
    """Whether the day of its next rotation has come."""
    due = credential.next_rotation_date
    return due is not None and moment.astimezone(UTC).date() >= due


def check_valid(credentials: Iterable[Credential], moment: datetime) -> None:
    """For credentials that a run would use.

    Raises:
        CredentialExpiredError: One has expired, or is not good yet.
    """
    refused = [row for row in credentials if not is_valid(row, moment)]
    if refused:
        raise CredentialExpiredError([(row.name, row.valid_from, row.valid_until) for row in refused], moment)


def check_order(credential: Credential) -> None:
    """It must be good for some time.

    Raises:
        InvalidInputError: It would expire before it begins.
    """
    since, until = credential.valid_from, credential.valid_until
    if since is not None and until is not None and until <= since:
        raise InvalidInputError([Problem("valid_until", "is not after valid_from")])


def check_renewed(credential: Credential, moment: datetime) -> None:
    """A new secret does not keep the end of the old one once that has come.

    Raises:
        InvalidInputError: No run could use it.
    """
    if credential.valid_until is not None and credential.valid_until <= moment:
        hint = "say until when the new secret is good, or null for no end"
        raise InvalidInputError([Problem("valid_until", "has passed", hint)])
