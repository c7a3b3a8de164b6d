"""Credentials in a real Prefect server: stored sealed, shown to nobody, opened from the raw document."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.testing.utilities import prefect_test_harness

from blocks.collection import SecretText, SSHPasswordCredential
from blocks.documents import open_document, seal_document
from blocks.keyring import Keyring
from opsconductor.sdk.credential import Secret, SSHLogin

pytestmark = pytest.mark.real


@pytest.fixture(scope="module", autouse=True)
def prefect() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("keyring") / "keyring.json")


async def document_of(key: UUID, *, secrets: bool) -> httpx.Response:
    async with get_client() as client:
        return await client._client.get(f"/block_documents/{key}", params={"include_secrets": secrets})


async def test_a_stored_credential_opens_from_its_raw_document(keyring: Keyring) -> None:
    fields = {"username": "root", "password": "hush-hush"}
    data = seal_document("ssh_password", fields, keyring, credential_id="c1", version=1)
    key = await SSHPasswordCredential(**data).save("root-login")
    shown = await document_of(key, secrets=False)
    assert data["sealed"] not in shown.text
    raw = await document_of(key, secrets=True)
    assert "hush-hush" not in raw.text
    document = raw.json()
    opened = open_document(document["block_type"]["slug"], document["data"], keyring, credential_id="c1", version=1)
    assert opened == SSHLogin("root", password=Secret("hush-hush"))


async def test_a_loaded_block_opens(keyring: Keyring) -> None:
    data = seal_document("secret_text", {"text": "hush"}, keyring, credential_id="c2", version=1)
    await SecretText(**data).save("token")
    block = await asyncio.wait_for(SecretText.aload("token"), 30)
    assert block.open(keyring) == Secret("hush")
