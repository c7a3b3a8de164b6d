"""The keyring's file: made once, closed to others, never half-written."""

import json
import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from blocks.keyring import Keyring
from opsconductor.errors import SealedError


def test_a_new_keyring_is_a_private_file_with_one_key(path: Path) -> None:
    keyring = Keyring.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keyring.key_ids == (keyring.active,)
    assert Keyring.load(path).key(keyring.active) == keyring.key(keyring.active)
    assert list(path.parent.iterdir()) == [path]


def test_it_is_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        Keyring.create(path).rotate()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_create_never_overwrites(keyring: Keyring, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(SealedError, match="it is kept"):
        Keyring.create(path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SealedError, match="cannot be made: No such file"):
        Keyring.create(tmp_path / "nowhere" / "keyring.json")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o644])
def test_open_to_others_is_sealed(keyring: Keyring, path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(SealedError, match=r"open to other users .* chmod 600"):
        Keyring.load(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_owner_is_sealed(keyring: Keyring, path: Path) -> None:
    os.chown(path, 54321, 54321)
    with pytest.raises(SealedError, match="belongs to user 54321; give it back: chown 0 "):
        Keyring.load(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look after the service's files")
def test_root_looks_after_the_keyring_of_the_service(keyring: Keyring, path: Path) -> None:
    os.chown(path.parent, 54321, 54321)
    os.chown(path, 54321, 54321)
    Keyring.load(path).rotate()
    assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (54321, 0o600)
    assert len(Keyring.load(path).key_ids) == 2


def test_missing(path: Path) -> None:
    with pytest.raises(SealedError, match="is missing; restore it"):
        Keyring.load(path)


def test_links_and_folders_are_no_keyring(keyring: Keyring, path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    pipe = path.with_name("pipe")
    os.mkfifo(pipe, 0o600)
    for wrong in (link, path.parent, pipe):
        with pytest.raises(SealedError):
            Keyring.load(wrong)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"format": 2, "active": "a", "salt": null, "keys": {}}',
        '{"format": 1, "active": "a", "salt": null, "keys": {}}',
        '{"format": 1, "active": "a", "salt": null, "keys": {"a": "c2hvcnQ="}}',
        '{"format": 1, "active": "a", "salt": null, "keys": {"a": "***"}}',
        '{"format": 1, "active": "a", "salt": null, "keys": ["a"]}',
        "\udcff",
    ],
)
def test_damaged(path: Path, content: str) -> None:
    path.write_text(content, errors="surrogateescape")
    path.chmod(0o600)
    with pytest.raises(SealedError, match="is damaged; restore it"):
        Keyring.load(path)


def test_rotation_adds_a_key_and_keeps_the_old_ones(keyring: Keyring, path: Path) -> None:
    first = keyring.active
    second = keyring.rotate()
    assert second == keyring.active != first
    assert Keyring.load(path).key_ids == (first, second)
    assert Keyring.load(path).key(first) == keyring.key(first)


def test_two_rotations_at_once_both_last(keyring: Keyring, path: Path) -> None:
    other = Keyring.load(path)
    keyring.rotate()
    other.rotate()
    assert len(Keyring.load(path).key_ids) == 3
    code = "import sys, pathlib, blocks.keyring as k; k.Keyring.load(pathlib.Path(sys.argv[1])).rotate()"
    rotating = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [process.wait(30) for process in rotating] == [0, 0, 0]
    assert len(Keyring.load(path).key_ids) == 6


def test_a_key_is_retired_for_ever(keyring: Keyring, path: Path) -> None:
    first = keyring.active
    with pytest.raises(SealedError, match="is the active one"):
        keyring.retire(first)
    keyring.rotate()
    keyring.retire(first)
    for found in (keyring, Keyring.load(path)):
        with pytest.raises(SealedError, match=f"has no key {first}"):
            found.key(first)
    with pytest.raises(SealedError):
        keyring.retire(first)


def test_passphrase(path: Path) -> None:
    keyring = Keyring.create(path, passphrase="pä ss")
    keyring.rotate()
    again = Keyring.load(path, passphrase="pä ss")
    assert [again.key(key_id) for key_id in again.key_ids] == [keyring.key(key_id) for key_id in keyring.key_ids]
    with pytest.raises(SealedError, match="has a passphrase; give it"):
        Keyring.load(path)
    with pytest.raises(SealedError, match=r"passphrase of the keyring .* is wrong"):
        Keyring.load(path, passphrase="other")
    text = path.read_text()
    keys = json.loads(text)["keys"]
    assert len(keys) == 2
    assert "pä ss" not in text


def test_needless_and_empty_passphrases_are_refused(keyring: Keyring, path: Path) -> None:
    with pytest.raises(SealedError, match="has no passphrase; leave it out"):
        Keyring.load(path, passphrase="x")
    with pytest.raises(SealedError, match="protects nothing"):
        Keyring.create(path.with_name("other.json"), passphrase="")


def test_keys_hide(keyring: Keyring) -> None:
    shown = repr(keyring) + str(keyring) + f"{keyring}"
    assert keyring.key(keyring.active).hex() not in shown
    assert str(keyring.key(keyring.active)) not in shown
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(keyring)
    with pytest.raises(TypeError):
        json.dumps(keyring)


def test_a_disk_that_is_full_changes_nothing(keyring: Keyring, path: Path) -> None:
    before = path.read_bytes()
    code = (
        "import resource, sys; from pathlib import Path; from blocks.keyring import Keyring\n"
        "from opsconductor.errors import SealedError\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "keyring = Keyring.load(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try:\n    keyring.rotate()\n"
        "except SealedError as error:\n    assert 'cannot be changed' in str(error)\n    sys.exit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], timeout=30).returncode == 7
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_keyring_and_envelope_are_light() -> None:
    code = "import sys, blocks.keyring, blocks.envelope, blocks.documents; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 0
