"""Certificates as people paste them: X.509 in PEM, and OpenSSH's own; what they say, and whether the key fits."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from opsconductor.errors import Problem

from .private_key import read_private_key

_MOST_IN_CHAIN = 20
_MOST_SHOWN = 500
# PROTOCOL.certkeys: "valid before" of all ones means for ever.
_FOR_EVER = 2**64 - 1
_LAST_SECOND = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate is good.

    Attributes:
        since: Not before; None for always.
        until: Not after; None for ever.
    """

    since: datetime | None
    until: datetime | None


def x509_validity(certificate: str) -> Validity:
    """When a certificate in PEM form, checked before, is good."""
    leaf = x509.load_pem_x509_certificate(certificate.encode())
    return Validity(leaf.not_valid_before_utc, leaf.not_valid_after_utc)


def openssh_validity(certificate: str) -> Validity:
    """When an OpenSSH certificate, checked before, is good."""
    found = _openssh(certificate)
    return Validity(_moment(found.valid_after), _moment(found.valid_before))


def x509_facts(certificate: str) -> dict[str, str]:
    """What may be shown of a certificate in PEM form that was checked."""
    leaf = x509.load_pem_x509_certificate(certificate.encode())
    return {
        "subject": _shown(leaf.subject.rfc4514_string()),
        "issuer": _shown(leaf.issuer.rfc4514_string()),
        "serial": f"{leaf.serial_number:x}",
    }


def openssh_facts(certificate: str) -> dict[str, str]:
    """What may be shown of an OpenSSH certificate that was checked."""
    found = _openssh(certificate)
    principals = [_shown(name.decode(errors="replace")) for name in found.valid_principals]
    return {
        "certificate_id": _shown(found.key_id.decode(errors="replace")),
        "principals": _shown(", ".join(principals)),
        "serial": str(found.serial),
    }


def check_x509(certificate: str, private_key: str, passphrase: str | None) -> list[Problem]:
    """Say what is wrong with a certificate, or with a checked private key beside it; shows neither."""
    try:
        found = x509.load_pem_x509_certificates(certificate.encode())
    except (ValueError, UnsupportedAlgorithm):
        return [Problem("certificate", "is no certificate in PEM form", "it begins with -----BEGIN CERTIFICATE-----")]
    if len(found) != 1:
        return [Problem("certificate", f"holds {len(found)} certificates", "put those above it into `chain`")]
    if not _fits(found[0].public_key(), private_key, passphrase):
        return [Problem("private_key", "does not belong to the certificate")]
    return []


def check_chain(chain: str) -> list[Problem]:
    """Say what is wrong with the certificates above another one."""
    try:
        found = x509.load_pem_x509_certificates(chain.encode())
    except (ValueError, UnsupportedAlgorithm):
        return [Problem("chain", "holds something else than certificates in PEM form")]
    return [Problem("chain", f"holds more than {_MOST_IN_CHAIN} certificates")] if len(found) > _MOST_IN_CHAIN else []


def check_openssh(certificate: str, private_key: str, passphrase: str | None) -> list[Problem]:
    """Say what is wrong with an OpenSSH user certificate, or with a checked private key beside it."""
    try:
        found = _openssh(certificate)
        found.verify_cert_signature()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        hint = "paste the file whose name ends in -cert.pub"
        return [Problem("certificate", "is no OpenSSH certificate", hint)]
    except (InvalidSignature, AssertionError):  # it asserts what a signature may look like
        return [Problem("certificate", "is damaged: its signature is wrong")]
    if found.type is not SSHCertificateType.USER:
        return [Problem("certificate", "is for hosts, not for users")]
    if not _fits(found.public_key(), private_key, passphrase):
        return [Problem("private_key", "does not belong to the certificate")]
    return []


def _openssh(text: str) -> SSHCertificate:
    found = load_ssh_public_identity(text.strip().encode())
    if not isinstance(found, SSHCertificate):
        raise TypeError("a public key")
    return found


def _fits(public: PublicKeyTypes, private_key: str, passphrase: str | None) -> bool:
    own = read_private_key(private_key, passphrase).public_key()
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return own.public_bytes(*form) == public.public_bytes(*form)


def _moment(seconds: int) -> datetime | None:
    if seconds in (0, _FOR_EVER):
        return None
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)


def _shown(text: str) -> str:
    """Somebody else wrote it: no control characters, and not endless."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)[:_MOST_SHOWN]
