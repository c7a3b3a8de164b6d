import io
import os

import pytest

from opsconductor.cli.machine.sealed_file import WrongPassphraseError, seal, unseal
from opsconductor.errors import InvalidInputError


def sealed(plain: bytes) -> bytes:
    out = io.BytesIO()
    seal(io.BytesIO(plain), out, "a long passphrase")
    return out.getvalue()


def opened(data: bytes, passphrase: str = "a long passphrase") -> bytes:
    out = io.BytesIO()
    unseal(io.BytesIO(data), out, passphrase)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 17])
def test_gives_back_what_was_sealed(size: int) -> None:
    plain = os.urandom(size)
    assert opened(sealed(plain)) == plain


def test_a_wrong_passphrase_opens_nothing() -> None:
    with pytest.raises(WrongPassphraseError):
        opened(sealed(b"secret"), "another passphrase")


def test_a_chunk_cut_off_at_the_end_is_noticed() -> None:
    data = sealed(os.urandom(2 * 1024 * 1024))
    with pytest.raises(WrongPassphraseError):
        opened(data[: -(1024 * 1024 + 16)])


def test_chunks_that_change_places_are_noticed() -> None:
    data = sealed(os.urandom(2 * 1024 * 1024))
    body, chunk = len(data) - 2 * (1024 * 1024 + 16), 1024 * 1024 + 16
    swapped = data[:body] + data[body + chunk :] + data[body : body + chunk]
    with pytest.raises(WrongPassphraseError):
        opened(swapped)


def test_another_file_is_named_as_such() -> None:
    with pytest.raises(InvalidInputError, match="not a backup"):
        opened(b"PK\x03\x04 something else entirely, long enough")
