"""Envelopes open with their key, at their place, and nowhere else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.envelope import Binding, Envelope, seal, unseal
from blocks.keyring import Keyring
from opsconductor.errors import SealedError

HERE = Binding("c1", "opsconductor-secret-text", 1)
VALUES = {"password": "p#'\" ä 💥" + "x" * 4096}


def test_round_trip(keyring: Keyring) -> None:
    envelope = seal(VALUES, keyring, HERE)
    assert unseal(Envelope.parse(str(envelope)), keyring, HERE) == VALUES
    assert envelope.key_id == keyring.active


def test_no_two_envelopes_are_alike(keyring: Keyring) -> None:
    envelopes = [seal({"text": "same"}, keyring, HERE) for _ in range(100)]
    assert len({envelope.nonce for envelope in envelopes}) == 100
    assert len({envelope.ciphertext for envelope in envelopes}) == 100


def test_the_secret_is_not_in_the_envelope(keyring: Keyring) -> None:
    envelope = seal({"text": "hunter2"}, keyring, HERE)
    assert "hunter2" not in str(envelope)
    assert b"hunter2" not in envelope.ciphertext


@pytest.mark.parametrize(
    "elsewhere",
    [
        Binding("c2", "opsconductor-secret-text", 1),
        Binding("c1", "opsconductor-ssh-key-credential", 1),
        Binding("c1", "opsconductor-secret-text", 2),
        Binding('c1","opsconductor-secret-text', "", 1),
    ],
)
def test_swapped_rows_do_not_open(keyring: Keyring, elsewhere: Binding) -> None:
    with pytest.raises(SealedError, match="does not open"):
        unseal(seal(VALUES, keyring, HERE), keyring, elsewhere)


def test_another_keyring_does_not_open(keyring: Keyring, tmp_path: Path) -> None:
    other = Keyring.create(tmp_path / "other.json")
    with pytest.raises(SealedError, match=f"has no key {keyring.active}"):
        unseal(seal(VALUES, keyring, HERE), other, HERE)


def test_a_wrong_key_under_the_right_name_does_not_open(keyring: Keyring, tmp_path: Path) -> None:
    other = Keyring.create(tmp_path / "other.json")
    text = other.path.read_text().replace(other.active, keyring.active)
    other.path.write_text(text)
    with pytest.raises(SealedError, match="does not open"):
        unseal(seal(VALUES, keyring, HERE), Keyring.load(other.path), HERE)


@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_changed_byte_is_noticed(tmp_path_factory: pytest.TempPathFactory, position: int, flip: int) -> None:
    path = tmp_path_factory.getbasetemp() / "envelope-keyring.json"
    keyring = Keyring.load(path) if path.exists() else Keyring.create(path)
    envelope = seal({"text": "short"}, keyring, HERE)
    octets = bytearray(envelope.nonce + envelope.ciphertext)
    octets[position % len(octets)] ^= flip
    with pytest.raises(SealedError):
        unseal(Envelope(envelope.key_id, bytes(octets[:12]), bytes(octets[12:])), keyring, HERE)


@pytest.mark.parametrize(
    "text", ["", "oc1", "oc1.x.y.z", "gAAAAAB", "oc2.0123456789abcdef.AAAAAAAAAAAAAAAA." + "A" * 22]
)
def test_what_is_no_envelope(text: str) -> None:
    with pytest.raises(SealedError, match="envelope"):
        Envelope.parse(text)


@given(st.text(max_size=21))
def test_any_text_behind_the_key_is_refused(text: str) -> None:
    with pytest.raises(SealedError):
        Envelope.parse(f"oc1.0123456789abcdef.AAAAAAAAAAAAAAAA.{text}")
