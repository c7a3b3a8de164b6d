import json

import pytest

from flows.worker.framing import FramingError
from flows.worker.handover import Handover, PrefectAddress
from opsconductor.sdk.credential import (
    APIKey,
    BearerToken,
    ClientCertificate,
    Credential,
    HTTPLogin,
    Secret,
    SSHLogin,
    WinRMLogin,
)


def test_credentials_survive_the_journey() -> None:
    login = SSHLogin("ops", Secret("pässword"), Secret("-----BEGIN"), sudo_password=Secret("s"))
    sent = Handover({"web": login, "token": Secret("t")}, {"db": "sealed"})
    arrived = Handover.from_message(json.loads(json.dumps(sent.to_message())))
    assert arrived.credentials == {"web": login, "token": Secret("t")}
    assert arrived.refused == {"db": "sealed"}


def test_a_handover_shows_no_secret() -> None:
    handover = Handover({"web": SSHLogin("ops", Secret("canary-1")), "t": Secret("canary-2")})
    assert "canary" not in repr(handover)
    assert "canary" not in repr(PrefectAddress("http://x", Secret("canary-3")))


@pytest.mark.parametrize("message", [{}, {"credentials": {}}, {"credentials": {"a": {}}, "refused": {}}])
def test_what_is_no_handover_is_refused(message: dict[str, object]) -> None:
    with pytest.raises(FramingError):
        Handover.from_message(message)


@pytest.mark.parametrize("auth", [None, Secret("a:b")])
def test_prefects_address_survives_the_journey(auth: Secret | None) -> None:
    address = PrefectAddress("http://127.0.0.1:4200/api", auth, "pool")
    assert PrefectAddress.from_message(json.loads(json.dumps(address.to_message()))) == address


EVERY_KIND = [
    SSHLogin("ops", private_key=Secret("k"), certificate="ssh-ed25519-cert-v01@openssh.com AAAA"),
    WinRMLogin("ops", "kerberos", "EXAMPLE.ORG", Secret("p")),
    BearerToken(Secret("t")),
    APIKey(Secret("k"), "X-API-Key", "Token"),
    HTTPLogin("ops", Secret("p")),
    ClientCertificate("-----BEGIN", Secret("k"), passphrase=Secret("p")),
    Secret("t"),
]


@pytest.mark.parametrize("credential", EVERY_KIND, ids=lambda credential: type(credential).__name__)
def test_every_kind_survives_the_journey(credential: Credential) -> None:
    message = json.loads(json.dumps(Handover({"it": credential}).to_message()))
    assert Handover.from_message(message).credentials == {"it": credential}
