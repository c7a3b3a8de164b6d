"""A backup that somebody else packed."""

import io
import tarfile
from pathlib import Path

from opsconductor.cli.machine.backup import _extract


def _add(tar: tarfile.TarFile, name: str, content: bytes = b"evil", **facts: object) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for fact, value in facts.items():
        setattr(member, fact, value)
    tar.addfile(member, io.BytesIO(content))


def test_nothing_in_it_decides_where_it_goes(tmp_path: Path):
    plain, folder = tmp_path / "a" / "backup.tar", tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    with tarfile.open(plain, "w") as tar:
        for name in ("../up", "/tmp/opsconductor-absolute", "a/../../up", "manifest.json/../../up"):
            _add(tar, name)
        _add(tar, "manifest.json", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        _add(tar, "opsconductor.dump", b"", type=tarfile.LNKTYPE, linkname="../up")
        _add(tar, "prefect.dump", b"", type=tarfile.CHRTYPE)
    _extract(plain, folder)
    assert not (tmp_path / "a" / "up").exists()
    assert not (tmp_path / "up").exists()
    assert not Path("/tmp/opsconductor-absolute").exists()
    for file in folder.rglob("*"):
        assert not file.is_symlink()
        assert b"root:" not in file.read_bytes()
