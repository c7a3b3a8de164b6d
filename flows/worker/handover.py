"""What a flow process gets from the worker, over the socket it was born with.

The worker says first where Prefect is, and where traces go. The child claims the run and says so; only then the opened
credentials come, once, and both sides close.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from flows.engine.session import OpenedCredentials
from opsconductor.sdk.credential import Credential, Secret

from .framing import FramingError

CLAIMED: Final = {"claimed": True}
TRACING: Final = "tracing"
"""Where the first message says how the run is traced."""

_HIDDEN: Final = "hidden"
_TYPES: Final[Mapping[str, type[Credential]]] = {kind.__name__: kind for kind in get_args(Credential)}


@dataclass(frozen=True, slots=True)
class PrefectAddress:
    """Where Prefect's API is, and what opens it.

    Attributes:
        api_url: URL of the API.
        auth_string: Its basic-auth text; None when it asks for none.
        work_pool: The pool our deployments belong to.
    """

    api_url: str
    auth_string: Secret | None
    work_pool: str = "opsconductor"

    def to_message(self) -> dict[str, Any]:
        """As it travels."""
        auth = None if self.auth_string is None else self.auth_string.reveal()
        return {"api_url": self.api_url, "auth_string": auth, "work_pool": self.work_pool}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> "PrefectAddress":
        """Read it."""
        auth = message["auth_string"]
        return cls(message["api_url"], None if auth is None else Secret(auth), message["work_pool"])


class Handover(OpenedCredentials):
    """The opened credentials of one run, on their way to its process."""

    def to_message(self) -> dict[str, Any]:
        """As it travels: here the secrets are in the open."""
        values = {reference: _to_values(credential) for reference, credential in self.credentials.items()}
        return {"credentials": values, "refused": dict(self.refused)}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> "Handover":
        """Read it.

        Raises:
            FramingError: It is no handover.
        """
        try:
            values: dict[str, dict[str, Any]] = message["credentials"]
            credentials = {reference: _from_values(value) for reference, value in values.items()}
            return cls(credentials, message["refused"])
        except (KeyError, TypeError, AttributeError, ValueError):
            raise FramingError("that is no handover of credentials") from None


def _to_values(credential: Credential) -> dict[str, Any]:
    name = type(credential).__name__
    if isinstance(credential, Secret):
        return {"type": name, "text": credential.reveal()}
    values = {item.name: getattr(credential, item.name) for item in fields(credential)}
    hidden = {key: value.reveal() for key, value in values.items() if isinstance(value, Secret)}
    shown = {key: value for key, value in values.items() if not isinstance(value, Secret)}
    return {"type": name, **shown, _HIDDEN: hidden}


def _from_values(values: Mapping[str, Any]) -> Credential:
    given = dict(values)
    kind = _TYPES[given.pop("type")]
    if kind is Secret:
        return Secret(given["text"])
    hidden = {key: Secret(text) for key, text in given.pop(_HIDDEN).items()}
    return kind(**given, **hidden)
