"""Where `${{ … }}` begins and ends."""

import pytest

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions.pieces import Piece, split


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("plain $x ${y} $(z) {{ a }}", ["plain $x ${y} $(z) {{ a }}"]),
        ("${{ a }}", [Piece("a")]),
        ("${{a}}b${{c}}", [Piece("a"), "b", Piece("c")]),
        ("x ${{ {'a': {'b': 1}} }} y", ["x ", Piece("{'a': {'b': 1}}"), " y"]),
        ("${{ {'a': {'b': 1}}.a }}", [Piece("{'a': {'b': 1}}.a")]),
        ("${{ '}}' + \"}}\" }}", [Piece("'}}' + \"}}\"")]),
        (r"${{ 'it\'s }}' }}", [Piece(r"'it\'s }}'")]),
        ("${{ '''a'}}'b''' }}", [Piece("'''a'}}'b'''")]),
        ("${{ r'\\' + '}}' }}", [Piece("r'\\' + '}}'")]),
        ("${{ '${{ x }}' }}", [Piece("'${{ x }}'")]),
        ("${{ raw(a) }}", [Piece("a", raw=True)]),
        ("${{ raw( f(a) + ')' ) }}", [Piece("f(a) + ')'", raw=True)]),
        ("${{ raw(a) + raw(b) }}", [Piece("raw(a) + raw(b)")]),
        ("${{ rawness }}", [Piece("rawness")]),
    ],
)
def test_split(text: str, pieces: list[object]) -> None:
    assert split(text) == pieces


@pytest.mark.parametrize("text", ["${{ a", "${{ a }", "${{ (a }}", "a ${{ b }} ${{", "${{ }}", "${{}}"])
def test_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        split(text)
