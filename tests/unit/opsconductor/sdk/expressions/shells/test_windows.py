"""Values in PowerShell and cmd.exe lines, held against the documented rules of both readers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions import Scope, compile_template

SCOPE = Scope(params={"x": "string", "l": "array"})
QUOTES = "'\u2018\u2019\u201a\u201b"


def render(line: str, value: Any, shell: Any) -> str:
    return compile_template(line, SCOPE, shell).render({"params": {"x": value, "l": value}})


def powershell_reads(token: str) -> str:
    """A verbatim string, read by the rules of PowerShell's tokenizer: a doubled quote is one, a single one ends it."""
    assert token[0] in QUOTES
    text, at = "", 1
    while True:
        if token[at] in QUOTES:
            if at + 1 == len(token):
                return text
            assert token[at + 1] in QUOTES, "the string ended early"
            at += 1
        text += token[at]
        at += 1


@given(
    st.text(st.one_of(st.sampled_from("'\u2018\u2019\u201a\u201b\"`$;()\n"), st.characters(exclude_categories=["Cs"])))
)
def test_powershell_reads_the_value_back(text: str) -> None:
    if "\0" in text:
        with pytest.raises(ExpressionError, match="NUL"):
            render("${{ params.x }}", text, "powershell")
    else:
        assert powershell_reads(render("${{ params.x }}", text, "powershell")) == text


@pytest.mark.parametrize(
    ("line", "rendered"),
    [
        ("Get-Item ${{ params.x }}", "Get-Item 'it''s'"),
        ("Get-Item -Path:${{ params.x }} | Out-Null", "Get-Item -Path:'it''s' | Out-Null"),
        ('$x = ${{ params.x }}; Write-Output "a $x"', "$x = 'it''s'; Write-Output \"a $x\""),
        ("# it's\nWrite-Output ${{ params.x }}", "# it's\nWrite-Output 'it''s'"),
        ("<# it's #> Write-Output ${{ params.x }}", "<# it's #> Write-Output 'it''s'"),
        ("if ($a) { Write-Output ${{ params.x }} }", "if ($a) { Write-Output 'it''s' }"),
        ('Write-Output "a`"b" ${{ params.x }}', "Write-Output \"a`\"b\" 'it''s'"),
    ],
)
def test_powershell_lines(line: str, rendered: str) -> None:
    assert render(line, "it's", "powershell") == rendered


def test_powershell_lists_become_arguments() -> None:
    assert render("git add ${{ params.l }}", ["a b", "c"], "powershell") == "git add 'a b' 'c'"
    with pytest.raises(ExpressionError, match="stand alone"):
        render("git add --x=${{ params.l }}", ["a b", "c"], "powershell")


@pytest.mark.parametrize(
    "line",
    [
        'Write-Output "a ${{ params.x }}"',
        "Write-Output 'a ${{ params.x }}'",
        "Write-Output \u201ca ${{ params.x }}\u201d",
        '@"\n${{ params.x }}\n"@',
        "# ${{ params.x }}",
        "<# ${{ params.x }} #>",
        "Write-Output `${{ params.x }}",
        "Write-Output $${{ params.x }}",
        "Write-Output @${{ params.x }}",
        "Write-Output ${{ params.x }}.txt",
        'Write-Output "$("a") " ${{ params.x }}',
        "iex ${{ params.x }}",
        "Invoke-Expression ${{ params.x }}",
        "powershell -Command ${{ params.x }}",
        "cmd /c ${{ params.x }}",
        "[scriptblock]::Create(${{ params.x }})",
        "icacls --% ${{ params.x }}",
    ],
)
def test_powershell_places_that_are_refused(line: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be quoted here"):
        compile_template(line, SCOPE, "powershell")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ("a b", '"a b"'),
        ("a & b | c > d < e ^ (f)", '"a & b | c > d < e ^ (f)"'),
        ("C:\\x\\", '"C:\\x\\\\"'),
    ],
)
def test_cmd(text: str, quoted: str) -> None:
    assert render("type ${{ params.x }}", text, "cmd") == f"type {quoted}"


@pytest.mark.parametrize(
    "text", ['"', "%PATH%", "!x!", "a\nb", "a\rb", "\x1a", "\uff02", "\u201c", "\uff05", "a\0b", None]
)
def test_cmd_refuses_what_it_cannot_quote(text: Any) -> None:
    with pytest.raises(ExpressionError):
        render("type ${{ params.x }}", text, "cmd")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_cmd_quotes_or_refuses(text: str) -> None:
    try:
        line = render("type ${{ params.x }}", text, "cmd")
    except ExpressionError:
        return
    inner = line.removeprefix('type "')[:-1]
    assert inner.rstrip("\\") == text.rstrip("\\")
    assert not set('"%!\r\n\0') & set(inner)


@pytest.mark.parametrize(
    "line",
    [
        'type "${{ params.x }}"',
        'type "a b" "${{ params.x }}',
        "type ^${{ params.x }}",
        "type %${{ params.x }}%",
        "type ${{ params.x }}.txt",
        "type C:\\${{ params.x }}",
        "cmd /c ${{ params.x }}",
        "C:\\Windows\\System32\\cmd.exe /c ${{ params.x }}",
        "for %i in (${{ params.x }}) do echo",
        "call ${{ params.x }}",
    ],
)
def test_cmd_places_that_are_refused(line: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be quoted here"):
        compile_template(line, SCOPE, "cmd")
