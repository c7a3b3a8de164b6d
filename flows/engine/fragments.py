"""Fragments: parts of secrets in texts that were cut before anybody could redact them."""

from collections.abc import Iterable, Iterator

PIECE = 12


class Fragments:
    """Finds every part of some texts that is at least `2 * PIECE - 1` characters long.

    Of each text only every twelfth piece is kept: a part that long holds one of them whole.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._places: dict[str, tuple[str, int]] = {}
        for text in texts:
            for at in range(0, len(text) - PIECE + 1, PIECE):
                self._places.setdefault(text[at : at + PIECE], (text, at))

    def hidden(self, text: str, mask: str) -> str:
        """The text with each such part replaced."""
        parts: list[str] = []
        end = 0
        for begin, over in self._spans(text):
            parts += (text[end:begin], mask)
            end = over
        return "".join([*parts, text[end:]]) if parts else text

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        at = end = 0
        while at <= len(text) - PIECE:
            place = self._places.get(text[at : at + PIECE])
            if place is None:
                at += 1
                continue
            begin = at - _common_end(text[end:at], place[0][: place[1]])
            at += PIECE
            end = at = at + _common_beginning(text[at:], place[0][place[1] + PIECE :])
            yield begin, end


def _common_beginning(left: str, right: str) -> int:
    for length, (mine, yours) in enumerate(zip(left, right, strict=False)):
        if mine != yours:
            return length
    return min(len(left), len(right))


def _common_end(left: str, right: str) -> int:
    return _common_beginning(left[::-1], right[::-1])
