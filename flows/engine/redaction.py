"""Redaction: secret values leave no trace in what is stored, shown or logged.

A value is found raw and in the forms of `leaked_forms`. Base64 is found wherever the value stands in the encoded
bytes; base64 and hexadecimal digits also where they go on in the next line or column; texts in quotes also
where they were quoted again and again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, cast

from opsconductor.sdk.credential import Credential, secrets_of

from .fragments import Fragments
from .leaked_forms import SHORTEST, escaped_forms, forms, solid_forms
from .noisy_forms import BACKSLASHES, BLANKS, NoisyForms, fitting, longest_first, overlap

MASK = "[redacted]"
CUT_CHARACTERS = 150
"""A shorter message was hardly cut: what looks like the beginning of a secret at its end is a word of its own."""
_GAP = re.compile(r"(\n\[… [\d,]+ bytes not kept …\]\n)")
"""The line a transport puts where it cut the middle of an output."""


def texts_of(credentials: Iterable[Credential]) -> Iterator[str]:
    """The texts to hide of opened credentials."""
    for credential in credentials:
        yield from (secret.reveal() for secret in secrets_of(credential))


class Redactor:
    """Hides a fixed set of secret texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        secrets = list(secrets)
        self._patterns = longest_first(form for secret in secrets for form in forms(secret) if len(form) >= SHORTEST)
        self._noisy = (
            NoisyForms((form for secret in secrets for form in solid_forms(secret)), BLANKS),
            NoisyForms((form for secret in secrets for form in escaped_forms(secret)), BACKSLASHES),
        )

    def text(self, text: str) -> str:
        """The text with every secret replaced by `[redacted]`."""
        if len(text) < SHORTEST:
            return text
        for pattern in fitting(self._patterns, text):
            if pattern in text:
                text = text.replace(pattern, MASK)
        for noisy in self._noisy:
            text = noisy.hidden(text, MASK)
        return text

    def message(self, text: str) -> str:
        """A text for people, of which somebody may have cut off a part before it came here."""
        text = self._fragments.hidden(self.text(text), MASK)
        if len(text) < CUT_CHARACTERS:
            return text
        kept = text.removesuffix("…")
        return self._without_beginning(kept) + text[len(kept) :]

    @cached_property
    def _fragments(self) -> Fragments:
        return Fragments(self._patterns)

    def value(self, value: Any) -> Any:
        """A JSON value with every text in it redacted, keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            items = cast("Mapping[Any, Any]", value).items()
            return {self.value(key): self.value(item) for key, item in items}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in cast("list[Any]", value)]
        return value

    def around_gap(self, text: str) -> str:
        """Hide what is left of a secret on both sides of a cut, where the middle of an output is gone."""
        parts = _GAP.split(text)
        for place in range(1, len(parts), 2):  # the odd parts are the lines that say what was cut
            parts[place - 1] = self._without_beginning(parts[place - 1])
            parts[place + 1] = self._without_end(parts[place + 1])
        return "".join(parts)

    def _without_beginning(self, head: str) -> str:
        left = max((overlap(head, pattern) for pattern in self._patterns), default=0)
        return head[: len(head) - left] + MASK if left >= SHORTEST else head

    def _without_end(self, tail: str) -> str:
        left = max((overlap(pattern, tail) for pattern in self._patterns), default=0)
        return MASK + tail[left:] if left >= SHORTEST else tail

    def stream(self) -> "RedactedStream":
        """A redactor for text that arrives in pieces."""
        return RedactedStream(self, self._patterns, self._noisy)


class RedactedStream:
    """Redacts text that arrives in pieces, holding back what may be the beginning of a secret."""

    def __init__(self, redactor: Redactor, patterns: list[str], noisy: tuple[NoisyForms, ...]) -> None:
        self._redactor = redactor
        self._patterns = patterns
        self._noisy = noisy
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be shown now."""
        whole = self._held + text
        begun = max((overlap(whole, pattern) for pattern in self._patterns), default=0)
        begun = max(begun, *(noisy.begun(whole) for noisy in self._noisy))
        spans = [span for noisy in self._noisy for span in noisy.spans(whole)]
        end = self._whole_secrets(whole, len(whole) - begun, spans)
        self._held = whole[end:]
        return self._redactor.text(whole[:end])

    def _whole_secrets(self, text: str, end: int, spans: list[tuple[int, int]]) -> int:
        """The last place up to `end` at which no secret is cut in two."""
        begins = [end, *(begin for begin, over in spans if begin < end < over)]
        for pattern in self._patterns:
            begin = text.find(pattern, max(0, end - len(pattern) + 1), end + len(pattern) - 1)
            if 0 <= begin < end:
                begins.append(begin)
        first = min(begins)
        return first if first == end else self._whole_secrets(text, first, spans)

    def close(self) -> str:
        """The rest."""
        rest, self._held = self._held, ""
        return self._redactor.text(rest)
