"""Rotation goes on where it was killed, and loses nothing."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from blocks.documents import open_document, seal_document
from blocks.keyring import Keyring
from blocks.kinds import SECRET_TEXT
from blocks.rotation import StoredDocument, reseal
from opsconductor.errors import SealedError
from opsconductor.sdk.credential import Secret


class KilledError(BaseException):
    """The process is gone."""


class Store:
    """Documents in memory. Dies at a given number of steps; each replacement is one step, done or not."""

    def __init__(self, rows: dict[str, dict[str, Any]]) -> None:
        self.rows = rows
        self.steps_left = 10**9
        self.changed_meanwhile: set[str] = set()

    def _step(self) -> None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise KilledError

    async def documents(self) -> AsyncIterator[StoredDocument]:
        for key in list(self.rows):
            self._step()
            yield StoredDocument(key, SECRET_TEXT.slug, dict(self.rows[key]))

    async def replace(self, old: StoredDocument, data: Mapping[str, Any]) -> bool:
        self._step()
        if old.id in self.changed_meanwhile:
            return False
        self.rows[old.id] = dict(data)
        self._step()
        return True


def store_of(keyring: Keyring, count: int) -> Store:
    def row(number: int) -> dict[str, Any]:
        fields = {"text": f"t{number}"}
        return seal_document("secret_text", fields, keyring, credential_id=f"c{number}", version=1)

    return Store({str(number): row(number) for number in range(count)})


def assert_all_open(store: Store, keyring: Keyring) -> None:
    for number, data in store.rows.items():
        assert open_document(SECRET_TEXT.slug, data, keyring, credential_id=f"c{number}") == Secret(f"t{number}")


@pytest.mark.parametrize("steps", range(16))
async def test_it_can_be_killed_anywhere_and_goes_on(keyring: Keyring, steps: int) -> None:
    store = store_of(keyring, 5)
    old = keyring.active
    keyring.rotate()
    store.steps_left = steps
    if steps < 15:
        with pytest.raises(KilledError):
            await reseal(store, keyring)
    assert_all_open(store, Keyring.load(keyring.path))
    store.steps_left = 10**9
    rotation = await reseal(store, Keyring.load(keyring.path))
    assert rotation.complete
    assert rotation.resealed + rotation.current == 5
    keyring.retire(old)
    assert_all_open(store, keyring)


async def test_a_document_changed_meanwhile_is_left_alone(keyring: Keyring) -> None:
    store = store_of(keyring, 3)
    keyring.rotate()
    store.changed_meanwhile = {"1"}
    rotation = await reseal(store, keyring)
    assert (rotation.resealed, rotation.changed, rotation.complete) == (2, 1, False)
    store.changed_meanwhile = set()
    rotation = await reseal(store, keyring)
    assert (rotation.resealed, rotation.current, rotation.complete) == (1, 2, True)


async def test_a_document_that_does_not_open_is_named_and_kept(keyring: Keyring) -> None:
    store = store_of(keyring, 2)
    store.rows["0"]["credential_id"] = "c9"
    kept = dict(store.rows["0"])
    keyring.rotate()
    rotation = await reseal(store, keyring)
    assert rotation.sealed.keys() == {"0"}
    assert not rotation.complete
    assert store.rows["0"] == kept
    with pytest.raises(SealedError):
        open_document(SECRET_TEXT.slug, kept, keyring)
