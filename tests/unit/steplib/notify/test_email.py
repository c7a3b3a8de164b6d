"""Mail against a real SMTP server on the loopback."""

import datetime
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from opsconductor.errors import ActionFailedError, ConnectionLostError, InvalidInputError
from opsconductor.sdk.action import RunContext
from opsconductor.sdk.credential import Secret
from steplib.notify import email
from tests.doubles.mail_sink import MailSink, mail_sink

LETTER: dict[str, Any] = {
    "host": "127.0.0.1",
    "sender": "Ops <ops@example.com>",
    "to": ["a@example.com", "Bé <b@bücher.example>"],
    "subject": "20 of 20 – done",
    "body": "all well\n.\nend äöü\n",
}


async def send(sink: MailSink, **arguments: Any) -> Any:
    return await email.send.call(RunContext(), LETTER | {"port": sink.port} | arguments)


class TestSend:
    async def test_arrives_as_written(self) -> None:
        async with mail_sink() as sink:
            result = await send(sink, cc=["c@example.com", "a@example.com"])

        assert result.did_change
        assert sink.envelopes[0].mail_from == "ops@example.com"
        assert sink.envelopes[0].rcpt_tos == ["a@example.com", "b@xn--bcher-kva.example", "c@example.com"]
        (message,) = sink.messages
        assert message["Subject"] == "20 of 20 – done"
        assert message["From"] == "Ops <ops@example.com>"
        assert message["Cc"] == "c@example.com, a@example.com"
        assert message["Message-ID"] == result.outputs.message_id
        assert message["Auto-Submitted"] == "auto-generated"
        assert message.get_content().replace("\r\n", "\n") == "all well\n.\nend äöü\n"
        assert "queued as 4711" in result.outputs.response

    async def test_wire_format_is_seven_bit_with_short_lines(self) -> None:
        async with mail_sink() as sink:
            await send(sink, body="é" * 5000)

        content = bytes(sink.envelopes[0].content or b"")
        assert content.isascii()
        assert max(len(line) for line in content.split(b"\r\n")) <= 998
        assert sink.messages[0].get_content().strip() == "é" * 5000

    async def test_a_refused_recipient_stops_the_mail_for_all(self) -> None:
        async with mail_sink(unwanted=frozenset({"a@example.com"})) as sink:
            with pytest.raises(
                ActionFailedError, match=r"nothing was sent: a@example\.com \(550 5\.1\.1 no such mailbox"
            ):
                await send(sink)

        assert sink.envelopes == []

    async def test_partial_refusal_is_told_when_it_is_allowed(self) -> None:
        async with mail_sink(unwanted=frozenset({"a@example.com"})) as sink:
            result = await send(sink, allow_partial=True)

        assert sink.envelopes[0].rcpt_tos == ["b@xn--bcher-kva.example"]
        assert result.outputs.refused == {"a@example.com": "550 5.1.1 no such mailbox"}
        assert result.summary == "sent to 1 addresses, refused for 1"

    async def test_refusal_of_everyone_fails_even_then(self) -> None:
        unwanted = frozenset({"a@example.com", "b@xn--bcher-kva.example"})
        async with mail_sink(unwanted=unwanted) as sink:
            with pytest.raises(ActionFailedError, match="nothing was sent"):
                await send(sink, allow_partial=True)

    async def test_no_answer_after_the_message_is_unknown_not_failed(self) -> None:
        async with mail_sink(hang_up_after_message=True) as sink:
            with pytest.raises(ConnectionLostError, match="may have been sent"):
                await send(sink)

        assert len(sink.envelopes) == 1

    async def test_no_server_is_a_plain_failure(self) -> None:
        async with mail_sink() as sink:
            port = sink.port

        with pytest.raises(ActionFailedError, match=f"127.0.0.1:{port}: .*nothing was sent"):
            await email.send.call(RunContext(), LETTER | {"port": port})

    async def test_dry_run_sends_nothing(self) -> None:
        async with mail_sink() as sink:
            result = await email.send.dry_run(RunContext(), LETTER | {"port": sink.port})

        assert result.did_change
        assert result.outputs.accepted == ["a@example.com", "b@xn--bcher-kva.example"]
        assert sink.envelopes == []


class TestLogin:
    async def test_over_tls(self, certificate: tuple[ssl.SSLContext, str]) -> None:
        context, trusted = certificate
        async with mail_sink(tls=context) as sink:
            await send(sink, security="tls", ca_certificate=trusted, username="ops", password=Secret("right horse"))

        assert sink.logins == [("ops", "right horse")]
        assert len(sink.envelopes) == 1

    async def test_over_starttls(self, certificate: tuple[ssl.SSLContext, str]) -> None:
        context, trusted = certificate
        async with mail_sink(starttls=context) as sink:
            await send(
                sink, security="starttls", ca_certificate=trusted, username="ops", password=Secret("right horse")
            )

        assert sink.logins == [("ops", "right horse")]
        assert len(sink.envelopes) == 1

    async def test_refused_login_does_not_show_the_password(self, certificate: tuple[ssl.SSLContext, str]) -> None:
        context, trusted = certificate
        async with mail_sink(tls=context) as sink:
            with pytest.raises(ActionFailedError, match="535") as caught:
                await send(sink, security="tls", ca_certificate=trusted, username="ops", password=Secret("wrong horse"))

        assert "wrong horse" not in str(caught.value)
        assert sink.envelopes == []

    async def test_untrusted_certificate_stops_it(self, certificate: tuple[ssl.SSLContext, str]) -> None:
        context, _ = certificate
        async with mail_sink(tls=context) as sink:
            with pytest.raises(ActionFailedError, match="certificate"):
                await send(sink, security="tls", username="ops", password=Secret("right horse"))

        assert sink.logins == []

    async def test_server_without_starttls_gets_nothing(self) -> None:
        async with mail_sink() as sink:
            with pytest.raises(ActionFailedError, match="nothing was sent"):
                await send(sink, security="starttls", username="ops", password=Secret("right horse"))

        assert sink.logins == []
        assert sink.envelopes == []

    async def test_password_never_travels_in_clear(self) -> None:
        async with mail_sink() as sink:
            with pytest.raises(ActionFailedError, match="in clear"):
                await send(sink, username="ops", password=Secret("right horse"))

        assert sink.logins == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", "hello\r\nBcc: all@example.com"),
        ("subject", "hello\nX: y"),
        ("sender", "ops@example.com\r\nBcc: all@example.com"),
        ("sender", "ops"),
        ("sender", "ops@"),
        ("sender", "a b@example.com"),
        ("sender", "ops@example.com> SIZE=1"),
        ("to", ["a@example.com, b@example.com"]),
        ("to", ["a@exa mple.com"]),
        ("to", ["Eve\n <a@example.com>"]),
        ("to", ["..a@example.com"]),
        ("to", []),
        ("to", "a@example.com"),
        ("cc", ["<>"]),
        ("host", "mail.example.com -x"),
        ("host", "mail\0"),
        ("port", "25"),
        ("port", 0),
        ("security", "ssl"),
    ],
)
async def test_refuses_what_is_not_mail(name: str, value: Any) -> None:
    async with mail_sink() as sink:
        with pytest.raises(InvalidInputError) as caught:
            await send(sink, **{name: value})

    assert {problem.path.split(".")[0] for problem in caught.value.problems} == {name}
    assert sink.envelopes == []


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """A server context for 127.0.0.1 and the certificate to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail sink")])
    now = datetime.datetime.now(datetime.UTC)
    import ipaddress

    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    text = signed.public_bytes(serialization.Encoding.PEM).decode()
    file = tmp_path / "sink.pem"
    file.write_text(
        text
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, text
