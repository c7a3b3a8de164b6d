"""The blocks meet Prefect's standards for collections, and open what was sealed for them."""

import json
import pickle
from typing import Any

import pytest
from prefect.blocks.core import Block
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from blocks import collection
from blocks.documents import open_document, seal_document
from blocks.keyring import Keyring
from blocks.kinds import KINDS
from opsconductor.sdk.credential import Secret, SSHLogin

from .conftest import fields_of

BLOCKS: list[type[Block]] = [getattr(collection, name) for name in collection.__all__]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
class TestStandards(BlockStandardTestSuite):
    @pytest.fixture
    def block(self, block: type[Block]) -> type[Block]:
        return block

    test_has_a_valid_image = None
    """It downloads the logo, and no test of ours asks another machine for anything."""

    def test_only_the_envelope_is_secret(self, block: type[Block]) -> None:
        assert block.model_json_schema()["secret_fields"] == ["sealed"]

    def test_is_documented(self, block: type[Block]) -> None:
        assert block._logo_url
        assert "Attributes:" in str(block.__doc__)
        assert str(block.get_description()).endswith(".")


def test_slugs_never_change() -> None:
    assert {block.__name__: block.get_block_type_slug() for block in BLOCKS} == {
        "APIKeyCredential": "opsconductor-api-key-credential",
        "BearerTokenCredential": "opsconductor-bearer-token-credential",
        "CertificateCredential": "opsconductor-certificate-credential",
        "HTTPBasicCredential": "opsconductor-http-basic-credential",
        "SSHKeyCredential": "opsconductor-ssh-key-credential",
        "SSHPasswordCredential": "opsconductor-ssh-password-credential",
        "SecretText": "opsconductor-secret-text",
        "WinRMCredential": "opsconductor-winrm-credential",
    }
    assert {block.get_block_type_slug() for block in BLOCKS} == {kind.slug for kind in KINDS.values()}


def password_block(keyring: Keyring) -> collection.SSHPasswordCredential:
    data = seal_document(
        "ssh_password", {"username": "root", "password": "hush"}, keyring, credential_id="c1", version=3
    )
    return collection.SSHPasswordCredential(**data)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_block_that_opens(keyring: Keyring, kind: str) -> None:
    data = seal_document(kind, fields_of(kind), keyring, credential_id="c1", version=1)
    block = next(block for block in BLOCKS if block.get_block_type_slug() == KINDS[kind].slug)(**data)
    opened = block.open(keyring)  # pyright: ignore[reportAttributeAccessIssue]
    assert opened == open_document(KINDS[kind].slug, data, keyring)
    assert "hush" not in repr(opened)


def test_blocks_open(keyring: Keyring) -> None:
    assert password_block(keyring).open(keyring) == SSHLogin("root", password=Secret("hush"))
    text = seal_document("secret_text", {"text": "hush"}, keyring, credential_id="c2", version=1)
    assert collection.SecretText(**text).open(keyring) == Secret("hush")


def test_blocks_hide_even_the_envelope(keyring: Keyring) -> None:
    block = password_block(keyring)
    envelope = block.sealed.get_secret_value()
    shown: list[Any] = [repr(block), str(block), json.dumps(block.model_dump(mode="json")), block.model_dump_json()]
    assert not [text for text in shown if envelope in text or "hush" in text]
    assert b"hush" not in pickle.dumps(block.model_dump())
