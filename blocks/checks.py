"""What must agree between the fields of a credential, and what may be shown of them."""

from collections.abc import Mapping
from typing import cast, get_args

from opsconductor.errors import Problem
from opsconductor.sdk.credential import WinRMAuthentication

from . import certificates
from .certificates import Validity
from .private_key import check_private_key, key_facts
from .private_key import normalized as plain_lines

Values = Mapping[str, str]
_PEM_FIELDS = frozenset({"private_key", "certificate", "chain"})


def normalized(name: str, value: str) -> str:
    """A field as it is kept: keys and certificates have plain line ends."""
    return plain_lines(value) if name in _PEM_FIELDS else value


def nothing(values: Values) -> list[Problem]:
    """The fields have nothing to agree about."""
    return []


def no_facts(values: Values) -> dict[str, str]:
    """There is nothing to show."""
    return {}


def no_validity(values: Values) -> Validity | None:
    """It says nothing about when it is good."""
    return None


def ssh_key(values: Values) -> list[Problem]:
    """The passphrase opens the key, and the certificate is the key's."""
    key, passphrase = values["private_key"], values.get("passphrase")
    problems = check_private_key(key, passphrase)
    if problems or "certificate" not in values:
        return problems
    return certificates.check_openssh(values["certificate"], key, passphrase)


def ssh_key_facts(values: Values) -> dict[str, str]:
    """Kind and fingerprint of the key, and whom its certificate names."""
    facts = key_facts(values["private_key"], values.get("passphrase"))
    return facts | certificates.openssh_facts(values["certificate"]) if "certificate" in values else facts


def ssh_key_validity(values: Values) -> Validity | None:
    """The certificate's."""
    return certificates.openssh_validity(values["certificate"]) if "certificate" in values else None


def certificate(values: Values) -> list[Problem]:
    """The passphrase opens the key, the certificate is the key's, and the chain is one."""
    key, passphrase = values["private_key"], values.get("passphrase")
    problems = check_private_key(key, passphrase, for_tls=True)
    problems = problems or certificates.check_x509(values["certificate"], key, passphrase)
    return problems + (certificates.check_chain(values["chain"]) if "chain" in values else [])


def certificate_facts(values: Values) -> dict[str, str]:
    """Kind and fingerprint of the key, and whom the certificate names."""
    facts = key_facts(values["private_key"], values.get("passphrase"))
    return facts | certificates.x509_facts(values["certificate"])


def certificate_validity(values: Values) -> Validity | None:
    """The certificate's."""
    return certificates.x509_validity(values["certificate"])


def authentication(values: Values) -> WinRMAuthentication:
    """How a Windows host is signed in to; NTLM when nothing is said."""
    return cast("WinRMAuthentication", values.get("authentication", "ntlm"))


def winrm(values: Values) -> list[Problem]:
    """Each way to sign in has what it needs, and nothing that it would not use."""
    way = authentication(values)
    if way not in get_args(WinRMAuthentication):
        return [Problem("authentication", f"is unknown; one of {', '.join(get_args(WinRMAuthentication))}")]
    if way == "certificate":
        needed, useless = {"certificate", "private_key"}, {"password", "domain"}
    else:
        needed = {"username", "password"} | ({"domain"} if way == "kerberos" else set[str]())
        useless = {"certificate", "private_key", "passphrase"} | ({"domain"} if way == "basic" else set[str]())
    problems = [Problem(name, f"is missing: {way} needs it") for name in sorted(needed - values.keys())]
    problems += [Problem(name, f"is of no use with {way}", "leave it out") for name in sorted(useless & values.keys())]
    return problems or (certificate(values) if way == "certificate" else [])


def winrm_facts(values: Values) -> dict[str, str]:
    """The certificate's, where there is one."""
    return certificate_facts(values) if "certificate" in values else {}


def winrm_validity(values: Values) -> Validity | None:
    """The certificate's, where there is one."""
    return certificate_validity(values) if "certificate" in values else None
