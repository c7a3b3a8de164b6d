"""The broker against a real record."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from flows.worker.broker import Asked, Broker, SealedDocument
from opsconductor.errors import RunNotClaimableError, SealedError, UnavailableError
from opsconductor.sdk.credential import SSHLogin

from .conftest import PASSWORD, Documents, shell_plan, unseal

pytestmark = pytest.mark.real


@pytest.fixture
def run_id(order: Callable[..., UUID]) -> UUID:
    return order(shell_plan("true"), announce=False)


async def test_it_opens_what_the_run_froze_and_asks_once(pool: Any, documents: Documents, run_id: UUID) -> None:
    documents.add("of somebody else")
    broker = Broker(pool, documents, unseal)
    first, second = await broker.open_for(run_id, 0), await broker.open_for(run_id, 0)
    for handover in (first, second):
        (login,) = handover.credentials.values()
        assert isinstance(login, SSHLogin)
        assert login.password is not None
        assert login.password.reveal() == PASSWORD
    assert len(documents.read_ids) == 1


async def test_it_opens_nothing_for_another_epoch_an_ended_or_an_unknown_run(
    pool: Any, documents: Documents, run_id: UUID, query: Any
) -> None:
    broker = Broker(pool, documents, unseal)
    for wrong in ((run_id, 1), (uuid4(), 0)):
        with pytest.raises(RunNotClaimableError):
            await broker.open_for(*wrong)
    query("UPDATE job_runs SET status = 'ended', outcome = 'failed' WHERE id = %s", run_id)
    with pytest.raises(RunNotClaimableError):
        await broker.open_for(run_id, 0)
    assert documents.read_ids == []


async def test_a_kept_envelope_that_does_not_open_is_read_again(pool: Any, documents: Documents, run_id: UUID) -> None:
    rotated: list[bool] = []

    def open_new_only(document: SealedDocument, asked: Asked) -> SSHLogin:
        if rotated and "new" not in document.data:
            raise SealedError("no such key")
        return unseal(document, asked)

    broker = Broker(pool, documents, open_new_only)
    await broker.open_for(run_id, 0)
    rotated.append(True)
    for key, document in documents.kept.items():
        documents.kept[key] = SealedDocument(key, document.block_type, {**document.data, "new": True})
    assert (await broker.open_for(run_id, 0)).refused == {}


async def test_sealed_is_said_and_nothing_is_handed_over(pool: Any, documents: Documents, run_id: UUID) -> None:
    def sealed(document: SealedDocument, asked: Asked) -> SSHLogin:
        raise SealedError("the keyring is missing")

    handover = await Broker(pool, documents, sealed).open_for(run_id, 0)
    assert (handover.credentials, handover.refused) == ({}, {"login": "the keyring is missing"})


async def test_it_waits_for_prefect_but_not_for_ever(pool: Any, documents: Documents, run_id: UUID) -> None:
    class Away(Documents):
        failures = 2

        async def read(self, document_id: UUID) -> SealedDocument:
            if self.failures:
                self.failures -= 1
                raise UnavailableError("Prefect does not answer")
            return documents.kept[document_id]

    assert len((await Broker(pool, Away(), unseal).open_for(run_id, 0)).credentials) == 1
    away = Away()
    away.failures = 1000
    async with asyncio.timeout(20):
        handover = await Broker(pool, away, unseal, patience_seconds=0.3).open_for(run_id, 0)
    assert handover.refused == {"login": "Prefect does not answer"}
