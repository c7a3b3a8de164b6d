"""Runs on a host: prints the secret in a file in every form that systems leak secrets in, each cut in two writes.

python3 leak.py show|fail|parse|flood FILE [FORM]
"""

import base64
import json
import shlex
import sys
import time
import urllib.parse
from pathlib import Path


def forms(text: str) -> list[str]:
    data = text.encode()
    return [
        text,
        *(base64.b64encode(b"xyz"[:shift] + data + b"tail").decode() for shift in range(3)),
        base64.urlsafe_b64encode(data).decode(),
        urllib.parse.quote(text, safe=""),
        json.dumps(text),
        shlex.quote(text),
        data.hex(),
        data.hex().upper(),
        repr(text),
        repr(data),
        json.dumps(json.dumps({"it": text})),
        base64.encodebytes(b"password=" + data).decode(),
    ]


def show(said: list[str]) -> None:
    for form in said:
        for part in ("say ", form[: len(form) // 2], form[len(form) // 2 :], "\n"):
            for stream in (sys.stdout, sys.stderr):
                stream.write(part)
                stream.flush()
            time.sleep(0.002)


def flood(said: list[str]) -> None:
    for stream in (sys.stdout, sys.stderr):
        for _ in range(1 + 200_000 // sum(map(len, said))):
            stream.write(" ".join(said))


def main(mode: str, file: str, form: str = "0") -> None:
    text = Path(file).read_bytes().decode()
    said = forms(text)
    if mode == "parse":
        few = said if len(text) < 1000 else said[:3]  # what is read as JSON has a limit
        print(json.dumps({"raw": text, text: "as a key", "forms": few, "deep": [{"it": text}]}))
    elif mode == "flood":
        flood(said)
    else:
        show(said)
    if mode == "fail":
        sys.exit(f"cannot sign in with {' '.join(said[int(form)].split())}")


if __name__ == "__main__":
    main(*sys.argv[1:])
