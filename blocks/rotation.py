"""Rotation: every credential sealed again under the newest key, row by row."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from opsconductor.errors import SealedError

from .documents import reseal_document
from .keyring import Keyring


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A block document where it is kept.

    Attributes:
        id: Its key there.
        slug: Of its block type.
        data: Its fields.
    """

    id: str
    slug: str
    data: Mapping[str, Any]


class DocumentStore(Protocol):
    """Where the block documents of credentials are kept."""

    def documents(self) -> AsyncIterator[StoredDocument]:
        """Every document of a credential."""
        ...

    async def replace(self, old: StoredDocument, data: Mapping[str, Any]) -> bool:
        """Put new data in one step, if the document is still as it was read; says whether it was."""
        ...


@dataclass(slots=True)
class Rotation:
    """What a rotation did.

    Attributes:
        resealed: Documents sealed again.
        current: Documents that were under the active key already.
        changed: Documents that somebody else changed meanwhile; run the rotation again.
        sealed: Documents that do not open, with the reason, by id.
    """

    resealed: int = 0
    current: int = 0
    changed: int = 0
    sealed: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def seen(self) -> int:
        """How many documents were looked at."""
        return self.resealed + self.current + self.changed + len(self.sealed)

    @property
    def complete(self) -> bool:
        """Whether the older keys seal nothing any more, so that they may be retired."""
        return not self.changed and not self.sealed


async def reseal(store: DocumentStore, keyring: Keyring, notice: Callable[[Rotation], None] | None = None) -> Rotation:
    """Seal every document again that is not under the keyring's active key.

    It can be killed anywhere and run again: each document is under the old key or under the new one, and the keyring
    opens both. Only after a complete one may the older keys be retired.

    Args:
        store: Where the documents are.
        keyring: Its active key seals, every key of it opens.
        notice: Hears how far it is after each document.
    """
    rotation = Rotation()
    async for document in store.documents():
        await _reseal_one(store, keyring, document, rotation)
        if notice is not None:
            notice(rotation)
    return rotation


async def _reseal_one(store: DocumentStore, keyring: Keyring, document: StoredDocument, rotation: Rotation) -> None:
    try:
        data = reseal_document(document.slug, document.data, keyring)
    except SealedError as error:
        rotation.sealed[document.id] = str(error)
        return
    if data is None:
        rotation.current += 1
    elif await store.replace(document, data):
        rotation.resealed += 1
    else:
        rotation.changed += 1
