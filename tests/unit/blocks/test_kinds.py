"""Every kind of credential: what it takes, what it opens to, what is refused and how that is said."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import SSHCertificateType
from hypothesis import given
from hypothesis import strategies as st

from blocks.certificates import Validity
from blocks.documents import open_document, reseal_document, seal_document
from blocks.keyring import Keyring
from blocks.kinds import KINDS, checked
from opsconductor.errors import InvalidInputError, SealedError
from opsconductor.sdk.credential import (
    APIKey,
    BearerToken,
    ClientCertificate,
    HTTPLogin,
    Secret,
    WinRMLogin,
    secrets_of,
)

from .conftest import (
    SINCE,
    UNTIL,
    fields_of,
    openssh_certificate,
    openssh_key,
    pem_key,
    rsa_key,
    x509_certificate,
)

HUSH = Secret("hush-hush")


def round_trip(keyring: Keyring, kind: str, fields: dict[str, str]) -> Any:
    data = seal_document(kind, fields, keyring, credential_id="c1", version=1)
    return open_document(KINDS[kind].slug, data, keyring, credential_id="c1", version=1)


@pytest.mark.parametrize(
    ("kind", "opened"),
    [
        ("winrm", WinRMLogin("ops", "kerberos", "EXAMPLE.ORG", HUSH)),
        ("bearer_token", BearerToken(HUSH)),
        ("api_key", APIKey(HUSH, "X-API-Key", "Token")),
        ("http_basic", HTTPLogin("ops", HUSH)),
    ],
)
def test_what_a_kind_opens_to(keyring: Keyring, kind: str, opened: Any) -> None:
    assert round_trip(keyring, kind, fields_of(kind)) == opened


def test_a_certificate_opens_with_chain_and_key(keyring: Keyring) -> None:
    fields = fields_of("certificate")
    opened = round_trip(keyring, "certificate", fields)
    assert opened == ClientCertificate(fields["certificate"], Secret(fields["private_key"]), fields["chain"])


def test_a_windows_certificate_opens(keyring: Keyring) -> None:
    key = rsa_key()
    fields = {"authentication": "certificate", "certificate": x509_certificate(key), "private_key": key}
    assert round_trip(keyring, "winrm", fields) == WinRMLogin(
        "", "certificate", certificate=fields["certificate"], private_key=Secret(key)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_shown_stands_outside_the_envelope(keyring: Keyring, kind: str) -> None:
    fields = fields_of(kind)
    data = seal_document(kind, fields, keyring, credential_id="c1", version=1)
    assert set(data) == {"credential_id", "version", "sealed", *KINDS[kind].shown}
    assert not [name for name in fields if name not in KINDS[kind].shown and fields[name] in repr(data)]


@pytest.mark.parametrize(("kind", "field"), [(kind.name, field) for kind in KINDS.values() for field in kind.shown])
def test_a_shown_field_that_somebody_changed_is_noticed(keyring: Keyring, kind: str, field: str) -> None:
    data = seal_document(kind, fields_of(kind), keyring, credential_id="c1", version=1)
    with pytest.raises(SealedError, match=f"{field} of credential c1 was changed"):
        open_document(KINDS[kind].slug, {**data, field: "basic"}, keyring)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_sealed_again(keyring: Keyring, kind: str) -> None:
    data = seal_document(kind, fields_of(kind), keyring, credential_id="c1", version=1)
    before = open_document(KINDS[kind].slug, data, keyring)
    old = keyring.active
    keyring.rotate()
    again = reseal_document(KINDS[kind].slug, data, keyring)
    keyring.retire(old)
    assert again is not None
    assert open_document(KINDS[kind].slug, again, keyring) == before


@pytest.mark.parametrize("kind", KINDS)
def test_every_secret_of_a_kind_is_known_as_one(keyring: Keyring, kind: str) -> None:
    fields = fields_of(kind)
    hidden = {"password", "sudo_password", "private_key", "passphrase", "token", "key", "text"}
    texts = {secret.reveal() for secret in secrets_of(round_trip(keyring, kind, fields))}
    assert texts == {fields[name] for name in hidden & fields.keys()}


def test_certificates_say_when_they_are_good_and_for_whom() -> None:
    for kind in ("certificate", "ssh_key"):
        values = checked(KINDS[kind], fields_of(kind))
        assert KINDS[kind].validity(values) == Validity(SINCE, UNTIL)
    key = openssh_key()
    endless = {"username": "ops", "private_key": key, "certificate": openssh_certificate(key, until=None)}
    assert KINDS["ssh_key"].validity(checked(KINDS["ssh_key"], endless)) == Validity(SINCE, None)
    far = openssh_certificate(key, until=datetime(9999, 12, 31, 23, tzinfo=UTC))
    assert KINDS["ssh_key"].validity(endless | {"certificate": far})
    facts = KINDS["certificate"].facts(checked(KINDS["certificate"], fields_of("certificate")))
    assert (facts["subject"], facts["serial"]) == ("CN=ops.example.org", "beef")
    facts = KINDS["ssh_key"].facts(checked(KINDS["ssh_key"], fields_of("ssh_key")))
    assert facts["principals"] == "ops"
    assert facts["fingerprint"].startswith("SHA256:")
    assert facts["key_type"] == "ssh-ed25519"


def test_names_in_certificates_are_shown_without_control_characters() -> None:
    key = openssh_key()
    names = ("ops\x1b[2J\nroot", "\x00")
    values = {"username": "ops", "private_key": key, "certificate": openssh_certificate(key, principals=names)}
    principals = KINDS["ssh_key"].facts(checked(KINDS["ssh_key"], values))["principals"]
    assert principals.isprintable()


KEY, TLS_KEY = openssh_key(), pem_key()


@pytest.mark.parametrize(
    ("kind", "change", "field", "message"),
    [
        ("ssh_key", {"certificate": "hush-hush"}, "certificate", "is no OpenSSH certificate"),
        ("ssh_key", {"certificate": openssh_certificate(KEY).replace("AAAA", "AAAB")}, "certificate", "is no"),
        ("ssh_key", {"certificate": openssh_certificate(KEY)}, "private_key", "does not belong"),
        (
            "ssh_key",
            {"private_key": KEY, "certificate": openssh_certificate(KEY, kind=SSHCertificateType.HOST)},
            "certificate",
            "is for hosts",
        ),
        ("certificate", {"private_key": openssh_key()}, "private_key", "OpenSSH's format"),
        ("certificate", {"private_key": pem_key()}, "private_key", "does not belong"),
        ("certificate", {"certificate": "hush-hush"}, "certificate", "is no certificate"),
        ("certificate", {"certificate": x509_certificate(TLS_KEY) * 2}, "certificate", "holds 2 certificates"),
        ("certificate", {"chain": "hush-hush"}, "chain", "something else"),
        ("certificate", {"chain": x509_certificate(TLS_KEY) * 21}, "chain", "more than 20"),
        ("winrm", {"authentication": "hush-hush"}, "authentication", "is unknown"),
        ("winrm", {"domain": ""}, "domain", "kerberos needs it"),
        ("winrm", {"authentication": "basic"}, "domain", "of no use with basic"),
        ("winrm", {"authentication": "ntlm", "password": ""}, "password", "ntlm needs it"),
        ("winrm", {"private_key": TLS_KEY}, "private_key", "of no use with kerberos"),
        ("winrm", {"domain": "hush hush"}, "domain", "spaces"),
        ("bearer_token", {"token": "hush\r\nX-Evil: 1"}, "token", "cannot carry"),
        ("bearer_token", {"token": "hush hush"}, "token", "spaces"),
        ("bearer_token", {"token": "hüsh"}, "token", "cannot carry"),
        ("api_key", {"header": "X-Key: hush"}, "header", "no name of an HTTP header"),
        ("api_key", {"header": "Content-Length"}, "header", "connection itself"),
        ("api_key", {"prefix": " Token"}, "prefix", "spaces around"),
        ("api_key", {"key": "hush\n"}, "key", "cannot carry"),
        ("http_basic", {"username": "ops:hush"}, "username", "colon"),
    ],
)
def test_refused(kind: str, change: dict[str, str], field: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        checked(KINDS[kind], fields_of(kind) | change)
    assert message in " ".join(problem.message for problem in refusal.value.problems if problem.path == field)
    assert "hush" not in repr(refusal.value) + str(refusal.value)


_ANYTHING = st.text() | st.text("-BEGIN CERTIFICATE\nPRIVATE KEY=ssh-ed25519 AAAA")


@given(
    kind=st.sampled_from(sorted(KINDS)),
    values=st.dictionaries(
        st.sampled_from(sorted({field.name for kind in KINDS.values() for field in kind.fields})), _ANYTHING
    ),
)
def test_whatever_is_typed_is_taken_or_refused_by_name(kind: str, values: dict[str, str]) -> None:
    refused: set[str] = set()
    try:
        checked(KINDS[kind], values)
    except InvalidInputError as refusal:
        refused = {problem.path for problem in refusal.problems}
    assert refused <= {field.name for field in KINDS[kind].fields} | values.keys()
