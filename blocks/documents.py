"""Block documents of credentials: sealing new ones, opening stored ones. Knows no Prefect."""

from collections.abc import Mapping
from typing import Any

from opsconductor.errors import InvalidInputError, Problem, SealedError
from opsconductor.sdk.credential import Credential

from .envelope import Binding, Envelope, seal, unseal
from .keyring import Keyring
from .kinds import KINDS, Kind, checked

_BY_SLUG: Mapping[str, Kind] = {kind.slug: kind for kind in KINDS.values()}


def seal_document(
    kind: str, fields: Mapping[str, str], keyring: Keyring, *, credential_id: str, version: int
) -> dict[str, Any]:
    """Seal a credential: gives the data of its block document.

    Args:
        kind: A name of `blocks.kinds.KINDS`.
        fields: The fields of that kind, in clear; empty ones count as absent.
        keyring: Seals with its active key.
        credential_id: Identity of the credential, for its whole life.
        version: Counts its values, from 1.

    Raises:
        InvalidInputError: Names every field that is wrong; shows none.
    """
    found = kind_named(kind)
    return seal_values(found, checked(found, fields), keyring, credential_id=credential_id, version=version)


def seal_values(
    kind: Kind, values: Mapping[str, str], keyring: Keyring, *, credential_id: str, version: int
) -> dict[str, Any]:
    """Seal fields that `blocks.kinds.checked` gave; otherwise as `seal_document`."""
    envelope = seal(values, keyring, Binding(credential_id, kind.slug, version))
    shown = {name: values.get(name, "") for name in kind.shown}
    return {"credential_id": credential_id, "version": version, **shown, "sealed": str(envelope)}


def open_document(
    slug: str,
    data: Mapping[str, Any],
    keyring: Keyring,
    *,
    credential_id: str | None = None,
    version: int | None = None,
) -> Credential:
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
    return _kind_of(slug).opens(open_values(slug, data, keyring, credential_id=credential_id, version=version))


def open_values(
    slug: str,
    data: Mapping[str, Any],
    keyring: Keyring,
    *,
    credential_id: str | None = None,
    version: int | None = None,
) -> dict[str, str]:
    """The fields of a credential in clear, for who may see them; otherwise as `open_document`."""
    kind = _kind_of(slug)
    binding = _binding(slug, data)
    if (credential_id or binding.block_id) != binding.block_id:
        raise SealedError(f"the block document holds credential {binding.block_id}, not {credential_id}")
    if (version or binding.version) != binding.version:
        raise SealedError(f"credential {binding.block_id} is at version {binding.version}, not {version}")
    values = unseal(_envelope(data), keyring, binding)
    if "username" in kind.shown and "authentication" not in kind.shown:
        values.setdefault("username", str(data.get("username", "")))  # sealed before envelopes held it
    for name in kind.shown:
        if values.get(name, "") != data.get(name, ""):
            raise SealedError(f"{name} of credential {binding.block_id} was changed; store the credential again")
    return values


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


def kind_named(name: str) -> Kind:
    """The kind of credential.

    Raises:
        InvalidInputError: There is none of that name.
    """
    try:
        return KINDS[name]
    except KeyError:
        raise InvalidInputError([Problem("kind", f"is unknown; one of {', '.join(KINDS)}")]) from None


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
