"""Whether credentials may be used on targets."""

from collections.abc import Iterable
from uuid import UUID

from opsconductor.sdk.selector import Facts, parse_selector
from portal.credentials.errors import CredentialNotAllowedError
from portal.credentials.models import Credential

from .models import TargetRow


def facts_of(target: TargetRow) -> Facts:
    """A target as selectors see it."""
    return Facts(target.name, target.groups, target.tags, target.platform, target.zone, target.variables)


def check_allowed(pairs: Iterable[tuple[TargetRow, Credential]]) -> None:
    """For targets, each with the credential that it would sign in with.

    Raises:
        CredentialNotAllowedError: A credential is for other targets only.
    """
    wanted: dict[UUID, tuple[Credential, list[TargetRow]]] = {}
    for target, credential in pairs:
        if credential.allowed_targets is not None:
            wanted.setdefault(credential.id, (credential, []))[1].append(target)
    for credential, targets in wanted.values():
        selector = parse_selector(credential.allowed_targets or "")
        refused = [target.name for target in targets if not selector.matches(facts_of(target))]
        if refused:
            raise CredentialNotAllowedError(credential.name, refused, credential.allowed_targets)
