"""Secrets from files: which kind the options tell, and what does not go together."""

from pathlib import Path
from typing import Any

import pytest

from opsconductor.cli.secrets_in import SecretOptions
from opsconductor.errors import InvalidInputError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("hush '\"#\u00e4 \U0001f600\nsecond line\n")
    return path


LINE = "hush '\"#\u00e4 \U0001f600"
WHOLE = f"{LINE}\nsecond line\n"


@pytest.mark.parametrize(
    ("options", "secret"),
    [
        ({"username": "ops", "password_file": ...}, {"kind": "ssh_password", "username": "ops", "password": LINE}),
        (
            {"username": "ops", "key_file": ..., "certificate_file": ..., "passphrase_file": ...},
            {"kind": "ssh_key", "username": "ops", "private_key": WHOLE, "certificate": WHOLE, "passphrase": LINE},
        ),
        (
            {"domain": "EXAMPLE.ORG", "authentication": "kerberos", "username": "ops", "password_file": ...},
            {
                "kind": "winrm",
                "domain": "EXAMPLE.ORG",
                "authentication": "kerberos",
                "username": "ops",
                "password": LINE,
            },
        ),
        (
            {"authentication": "certificate", "certificate_file": ..., "key_file": ...},
            {"kind": "winrm", "authentication": "certificate", "certificate": WHOLE, "private_key": WHOLE},
        ),
        ({"token_file": ...}, {"kind": "bearer_token", "token": LINE}),
        (
            {"api_key_file": ..., "header": "X-Key", "prefix": "Token"},
            {"kind": "api_key", "key": LINE, "header": "X-Key", "prefix": "Token"},
        ),
        (
            {"kind": "http_basic", "username": "ops", "password_file": ...},
            {"kind": "http_basic", "username": "ops", "password": LINE},
        ),
        (
            {"certificate_file": ..., "key_file": ..., "chain_file": ...},
            {"kind": "certificate", "certificate": WHOLE, "private_key": WHOLE, "chain": WHOLE},
        ),
        ({"text_file": ...}, {"kind": "secret_text", "text": WHOLE.rstrip("\n")}),
    ],
)
def test_the_options_tell_the_kind(file: Path, options: dict[str, Any], secret: dict[str, str]) -> None:
    typed = {name: file if value is ... else value for name, value in options.items()}
    assert SecretOptions(**typed).secret() == secret


def test_a_new_secret_keeps_what_is_shown(file: Path) -> None:
    known = {"kind": "api_key", "username": "", "details": {"header": "X-Key", "prefix": "Token"}}
    assert SecretOptions(api_key_file=file).secret(known) == {
        "kind": "api_key",
        "key": LINE,
        "header": "X-Key",
        "prefix": "Token",
    }
    known = {"kind": "http_basic", "username": "ops", "details": {}}
    assert SecretOptions(password_file=file).secret(known)["username"] == "ops"


@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ({"token_file": ..., "username": "ops"}, "--username", "of no use for a bearer_token"),
        ({"text_file": ..., "key_file": ...}, "--key-file", "of no use for a secret_text"),
        ({"key_file": ...}, "--username", "is needed for a ssh_key"),
        ({"username": "ops"}, "password", "is needed (give it with --password-file FILE)"),
        ({"kind": "bearer_token"}, "token", "is needed (give it with --token-file FILE)"),
    ],
)
def test_what_does_not_go_together(
    file: Path, options: dict[str, Any], path: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {name: file if value is ... else value for name, value in options.items()}
    with Path("/dev/null").open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        with pytest.raises(InvalidInputError) as refused:
            SecretOptions(**typed).secret()
    [problem] = refused.value.problems
    assert problem.path == path
    assert words in str(problem)
