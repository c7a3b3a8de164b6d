"""No secret leaves a trace, in whatever encoding and however its text is cut."""

import base64
import json
import re
import shlex
import textwrap
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.redaction import MASK, Redactor, texts_of
from opsconductor.sdk.credential import Secret, SSHLogin
from steplib.transports.ssh.output import OutputStream

SECRETS = [
    "hunter2!",
    "correct horse battery staple",
    "quo\"te's and \\back",
    "päßwörd-日本",
    "a/b?c=d&e+f%20",
    "line one is long\nline two is long",
    "$(touch /tmp/x);`id`",
    "<tag>&amp;",
    "päß\a\u202e-🔑 it's",
]

ENCODINGS = {
    "raw": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 one on": lambda text: base64.b64encode(b"x" + text.encode() + b"y").decode(),
    "base64 two on": lambda text: base64.b64encode(b"xx" + text.encode() + b"yy").decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "url": lambda text: urllib.parse.quote(text, safe=""),
    "form": urllib.parse.quote_plus,
    "shell": shlex.quote,
    "shell in json": lambda text: json.dumps(shlex.quote(text))[1:-1],
    "python": lambda text: repr(text)[1:-1],
    "python in json": lambda text: json.dumps(repr(text)[1:-1])[1:-1],
    "python bytes": lambda text: repr(text.encode())[2:-1],
    "one line": lambda text: " ".join(text.split()),
    "json": lambda text: json.dumps(text)[1:-1],
    "json as text": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "powershell": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_hidden_in_every_encoding(secret: str, encoding: str) -> None:
    encoded = ENCODINGS[encoding](secret)
    clean = Redactor([secret]).text(f"before {encoded} after")
    assert MASK in clean
    assert clean.startswith("before ")
    assert clean.endswith(" after")
    core = encoded[4:-6] if "base64" in encoding or encoding == "powershell" else encoded
    assert core not in clean


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_stream_hides_what_is_split_anywhere(secret: str, encoding: str) -> None:
    encoded = ENCODINGS[encoding](secret)
    whole = f"before {encoded} after"
    expected = Redactor([secret]).text(whole)
    for cut in range(len(whole)):
        stream = Redactor([secret]).stream()
        assert stream.feed(whole[:cut]) + stream.feed(whole[cut:]) + stream.close() == expected


@given(st.text(alphabet="abcX", min_size=4, max_size=8), st.lists(st.text(alphabet="abcX", max_size=6), max_size=12))
def test_a_stream_never_lets_a_secret_through(secret: str, pieces: list[str]) -> None:
    stream = Redactor([secret]).stream()
    shown = "".join([*(stream.feed(piece) for piece in pieces), stream.close()])
    assert secret not in shown
    if secret not in "".join(pieces):
        assert shown == "".join(pieces)


def test_a_stream_does_not_hold_back_what_cannot_become_a_secret() -> None:
    stream = Redactor(["hunter2!"]).stream()
    assert stream.feed("done\n") == "done\n"
    assert stream.feed("hunt") == ""
    assert stream.feed("ing\n") == "hunting\n"


def test_what_is_left_of_a_secret_at_a_cut_is_hidden_too() -> None:
    redactor = Redactor(["correct horse battery"])
    text = "the word is correct hor\n[… 12,345 bytes not kept …]\nse battery it was"
    assert redactor.around_gap(text) == f"the word is {MASK}\n[… 12,345 bytes not kept …]\n{MASK} it was"


def test_every_text_of_a_value_is_redacted() -> None:
    value = {"a": ["x hunter2! y", {"hunter2!": 1}], "n": 3, "none": None}
    assert Redactor(["hunter2!"]).value(value) == {"a": [f"x {MASK} y", {MASK: 1}], "n": 3, "none": None}


def test_each_line_of_a_private_key_is_a_secret() -> None:
    key = "-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQAB\nMIIEpAIBAAKCAQEA\n-----END KEY-----\n"
    redactor = Redactor(texts_of([SSHLogin("ops", private_key=Secret(key)), Secret("hunter2!")]))
    assert redactor.text("found AAAAB3NzaC1yc2EAAAADAQAB in it, and hunter2!") == f"found {MASK} in it, and {MASK}"
    assert redactor.text("ops") == "ops"


def test_a_text_too_short_to_be_a_secret_hides_nothing() -> None:
    assert Redactor(["a", "no", "yes"]).text("nay, yes and no") == "nay, yes and no"


BROKEN = {
    "base64 in lines": lambda text: base64.encodebytes(f"password={text};{'x' * 60}".encode()).decode(),
    "base64 in CRLF lines": lambda text: "\r\n".join(
        textwrap.wrap(base64.b64encode(f"some words {text}".encode()).decode(), 24)
    ),
    "indented base64": lambda text: textwrap.indent(base64.encodebytes(text.encode() * 9).decode(), "    "),
    "base64 in lines in JSON": lambda text: json.dumps({"a": base64.encodebytes(b"x" * 50 + text.encode()).decode()}),
    "the same in JSON": lambda text: json.dumps(json.dumps(base64.encodebytes(b"x" * 50 + text.encode()).decode())),
    "hexadecimal columns": lambda text: f"{text.encode().hex(' ', 2)}\n",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", BROKEN)
def test_a_form_that_goes_on_in_the_next_line_is_hidden(secret: str, form: str) -> None:
    clean = "".join(Redactor([secret]).text(f"before {BROKEN[form](secret)} after").split())
    assert MASK in clean
    assert clean.startswith("before")
    assert clean.endswith("after")
    for shift in range(3):
        core = base64.b64encode(bytes(shift) + secret.encode()).decode()[4:-6]
        assert core not in clean
    assert secret.encode().hex() not in clean


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("times", [1, 2, 3, 4])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_secret_that_was_put_in_quotes_again_and_again_is_hidden(secret: str, times: int, ascii_only: bool) -> None:
    text = secret
    for _ in range(times):
        text = json.dumps(text, ensure_ascii=ascii_only)
    assert re.sub(r'\\+n|[\\"]', "", Redactor([secret]).text(text)) in (MASK, 2 * MASK)  # a mask for each line
    stream = Redactor([secret]).stream()
    assert stream.feed(text[:9]) + stream.feed(text[9:]) + stream.close() == Redactor([secret]).text(text)


@pytest.mark.parametrize("secret", ["correct horse battery staple" * 9, SECRETS[3]])
def test_a_stream_hides_a_form_that_goes_on_in_the_next_line(secret: str) -> None:
    whole = f"before\n{base64.encodebytes(f'key={secret}'.encode()).decode()}after\n"
    expected = Redactor([secret]).text(whole)
    assert MASK in expected
    for cut in range(0, len(whole), 5):
        stream = Redactor([secret]).stream()
        assert stream.feed(whole[:cut]) + stream.feed(whole[cut:]) + stream.close() == expected


def test_a_secret_is_hidden_where_a_transport_took_control_characters_out_of_it() -> None:
    shown = OutputStream("utf-8", 1000)
    shown.feed("it is hun\x1b[1mter\x072\u202e!\n".encode())
    shown.finish()
    assert Redactor(["hunter\x072\u202e!"]).text(shown.text()) == f"it is {MASK}\n"


def test_words_that_only_together_look_like_a_secret_stay() -> None:
    assert Redactor(["correct"]).text("cor\nrect") == "cor\nrect"


LONG = "".join(f"{number:x}" for number in range(1000, 2000))


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "powershell"])
@pytest.mark.parametrize("begin", [4, 5, 500])
def test_a_message_that_was_cut_before_shows_no_part_of_a_secret(encoding: str, begin: int) -> None:
    part = ENCODINGS[encoding](LONG)[begin : begin + 300]
    assert Redactor([LONG]).message(f"cannot use {part}") == f"cannot use {MASK}"


def test_a_short_beginning_of_a_secret_at_the_end_of_a_long_message_is_hidden() -> None:
    words = "word " * 40
    assert Redactor(["hunter2!"]).message(f"{words}hunt…") == f"{words}{MASK}…"
    assert Redactor(["password1"]).message("sudo refused the password") == "sudo refused the password"


@given(st.text(alphabet="abc ", max_size=80))
def test_a_message_without_a_part_of_a_secret_stays_as_it_is(text: str) -> None:
    assert Redactor([LONG]).message(text) == text
