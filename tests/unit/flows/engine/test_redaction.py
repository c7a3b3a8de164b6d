"""No secret leaves a trace, in whatever encoding and however its text is cut."""

import base64
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.redaction import MASK, Redactor, secrets_of
from opsconductor.sdk.credential import Secret, SSHLogin

SECRETS = [
    "hunter2!",
    "correct horse battery staple",
    "quo\"te's and \\back",
    "päßwörd-日本",
    "a/b?c=d&e+f%20",
    "line one is long\nline two is long",
    "$(touch /tmp/x);`id`",
    "<tag>&amp;",
]

ENCODINGS = {
    "raw": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 one on": lambda text: base64.b64encode(b"x" + text.encode() + b"y").decode(),
    "base64 two on": lambda text: base64.b64encode(b"xx" + text.encode() + b"yy").decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "url": lambda text: urllib.parse.quote(text, safe=""),
    "form": urllib.parse.quote_plus,
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
    redactor = Redactor(secrets_of([SSHLogin("ops", private_key=Secret(key)), Secret("hunter2!")]))
    assert redactor.text("found AAAAB3NzaC1yc2EAAAADAQAB in it, and hunter2!") == f"found {MASK} in it, and {MASK}"
    assert redactor.text("ops") == "ops"


def test_a_text_too_short_to_be_a_secret_hides_nothing() -> None:
    assert Redactor(["a", "no", "yes"]).text("nay, yes and no") == "nay, yes and no"
