"""Opened credentials: values that do their work without ever showing themselves."""

from dataclasses import dataclass
from typing import Any, NoReturn, final


@final
class Secret:
    """A secret text that hides from repr, str, format, JSON and pickle.

    Only `reveal()` gives the text; a search for that word finds every use.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The secret itself, for the protocol that needs it."""
        return self.__text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema  # only where pydantic is in use

        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "format": "opsconductor-credential"}


@dataclass(frozen=True, slots=True)
class SSHLogin:
    """What an SSH server asks for.

    Attributes:
        username: Login name on the target.
        password: Password, offered only to a host whose key is known.
        private_key: OpenSSH or PEM text of the private key.
        passphrase: Passphrase of the private key.
        sudo_password: Password for sudo; the login password serves when absent.
    """

    username: str
    password: Secret | None = None
    private_key: Secret | None = None
    passphrase: Secret | None = None
    sudo_password: Secret | None = None
