"""Block documents of credentials: sealing new ones, opening stored ones. Knows no Prefect."""

from collections.abc import Mapping
from typing import Any

from opsconductor.errors import InvalidInputError, Problem, SealedError

from .envelope import Binding, Envelope, seal, unseal
from .keyring import Keyring
from .kinds import KINDS, Kind, Opened, checked

_BY_SLUG: Mapping[str, Kind] = {kind.slug: kind for kind in KINDS.values()}


def seal_document(
    kind: str, fields: Mapping[str, str], keyring: Keyring, *, credential_id: str, version: int
) -> dict[str, Any]:
    """Seal a credential: gives the data of its block document.

    Args:
        kind: `ssh_password`, `ssh_key` or `secret_text`.
        fields: `username` and the secret fields of that kind, in clear; empty ones count as absent.
        keyring: Seals with its active key.
        credential_id: Identity of the credential, for its whole life.
        version: Counts its values, from 1.

    Raises:
        InvalidInputError: Names every field that is wrong; shows none.
    """
    found = KINDS.get(kind)
    if found is None:
        raise InvalidInputError([Problem("kind", f"is unknown; one of {', '.join(KINDS)}")])
    username, values = checked(found, fields)
    envelope = seal(values, keyring, Binding(credential_id, found.slug, version))
    data: dict[str, Any] = {"credential_id": credential_id, "version": version, "sealed": str(envelope)}
    return {**data, "username": username} if found.has_username else data


def open_document(
    slug: str,
    data: Mapping[str, Any],
    keyring: Keyring,
    *,
    credential_id: str | None = None,
    version: int | None = None,
) -> Opened:
    """Open a block document of a credential.

    Args:
        slug: Of its block type.
        data: Its fields, as Prefect keeps them.
        keyring: Holds the key that sealed it.
        credential_id: The credential it has to be; the document's own word when absent.
        version: The version it has to be; the document's own word when absent.

    Raises:
        SealedError: It does not open, is of no kind of ours, or is not the credential or version asked for.
    """
    kind = _kind_of(slug)
    binding = _binding(slug, data)
    if (credential_id or binding.block_id) != binding.block_id:
        raise SealedError(f"the block document holds credential {binding.block_id}, not {credential_id}")
    if (version or binding.version) != binding.version:
        raise SealedError(f"credential {binding.block_id} is at version {binding.version}, not {version}")
    values = unseal(_envelope(data), keyring, binding)
    return kind.opens(str(data.get("username", "")), values)


def reseal_document(slug: str, data: Mapping[str, Any], keyring: Keyring) -> dict[str, Any] | None:
    """Seal a document again under the active key; None when it is already.

    Raises:
        SealedError: It does not open.
    """
    _kind_of(slug)
    envelope = _envelope(data)
    if envelope.key_id == keyring.active:
        return None
    binding = _binding(slug, data)
    return {**data, "sealed": str(seal(unseal(envelope, keyring, binding), keyring, binding))}


def _kind_of(slug: str) -> Kind:
    try:
        return _BY_SLUG[slug]
    except KeyError:
        raise SealedError(f"a block of type {slug} is no credential") from None


def _binding(slug: str, data: Mapping[str, Any]) -> Binding:
    try:
        return Binding(str(data["credential_id"]), slug, int(data["version"]))
    except (KeyError, TypeError, ValueError):
        raise SealedError("the block document does not say which credential it holds; store it again") from None


def _envelope(data: Mapping[str, Any]) -> Envelope:
    return Envelope.parse(str(data.get("sealed", "")))
