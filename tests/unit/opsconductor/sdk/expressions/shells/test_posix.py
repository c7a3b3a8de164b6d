"""Values in lines that real shells read: they arrive byte by byte, and never become code."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions import Scope, compile_template

SHELLS = [shell for shell in ("sh", "bash", "dash") if which(shell)]
SCOPE = Scope(params={"x": "string", "l": "array", "n": "integer"})
SHOW = r'printf "%s\0" '

HOSTILE = [
    "", " ", "-n", "--", "-rf /", "~", "~root", "*", "?[a]", "{a,b}", "!!", "#", "a#b", "A=1", "if", "2", "&",
    "\\", "\\\\", "; touch pwned", "$(touch pwned)", "`touch pwned`", "x && touch pwned", "x | touch pwned",
    "\ntouch pwned\n", "'; touch pwned; '", "\"; touch pwned; \"", "'\"'\"'; touch pwned #",
    "a[$(touch pwned)]", "${x:-$(touch pwned)}", "\nEOF\ntouch pwned\n", "')touch pwned",
    "\\'; touch pwned; \\'", "\r\n", "\t", "\x01\x1b[31m", "é", "日本", "‘touch’", "💥", "} ; touch pwned",
    ") ; touch pwned", "(( touch ))", "<(touch pwned)", "> pwned", "%s", "$IFS", "\u2028", "\u202e",
]  # fmt: skip
HOSTILE_TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from([*HOSTILE, "'", '"', "$", "`", "(", ")"]), max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
)

# Lines, and what the program they run must get for a value.
LINES: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "bare": (SHOW + "${{ params.x }}", lambda x: [x]),
    "joined": (SHOW + "a${{ params.x }}b", lambda x: [f"a{x}b"]),
    "twice joined": (SHOW + "${{ params.x }}${{ params.x }}", lambda x: [x + x]),
    "option": (SHOW + "--name=${{ params.x }} z", lambda x: [f"--name={x}", "z"]),
    "double quotes": (SHOW + '"a ${{ params.x }} b"', lambda x: [f"a {x} b"]),
    "only double quotes": (SHOW + '"${{ params.x }}"', lambda x: [x]),
    "single quotes": (SHOW + "'a ${{ params.x }} b'", lambda x: [f"a {x} b"]),
    "escaped quotes": (SHOW + r'"\"${{ params.x }}\\"', lambda x: [f'"{x}\\']),
    "backslashes": (SHOW + r"\\${{ params.x }}\'", lambda x: [f"\\{x}'"]),
    "variable": ("v=${{ params.x }}; " + SHOW + '"$v"', lambda x: [x]),
    "quoted variable": ("v='${{ params.x }}'\n" + SHOW + '"$v"', lambda x: [x]),
    "exported": ('export V="${{ params.x }}"; ' + SHOW + '"$V"', lambda x: [x]),
    "substitution": (SHOW + '"$(printf "%s." ${{ params.x }})"', lambda x: [x + "."]),
    "quoted substitution": (SHOW + "\"$(printf '%s.' \"<${{ params.x }}>\")\"", lambda x: [f"<{x}>."]),
    "subshell": ("( " + SHOW + "${{ params.x }} )", lambda x: [x]),
    "group": ("{ " + SHOW + "${{ params.x }}; }", lambda x: [x]),
    "condition": ("if [ ${{ params.x }} = ${{ params.x }} ]; then " + SHOW + "${{ params.x }}; fi", lambda x: [x]),
    "case": ("case ${{ params.x }} in ${{ params.x }}) " + SHOW + "${{ params.x }};; esac", lambda x: [x]),
    "function": ('f() { printf "%s\\0" "$@"; }; f ${{ params.x }} "${{ params.x }}"', lambda x: [x, x]),
    "loop": ("for i in ${{ params.l }}; do " + SHOW + '"$i"; done', lambda x: [x, "", x]),
    "list": (SHOW + "${{ params.l }}", lambda x: [x, "", x]),
    "after a here-document": ("cat <<'EOF' >/dev/null\nit's \"$(\nEOF\n" + SHOW + "${{ params.x }}", lambda x: [x]),
    "before a here-document": (SHOW + "${{ params.x }} - <<EOF\nit's \"\nEOF", lambda x: [x, "-"]),
    "after a comment": ("# it's a \"comment` $(\n" + SHOW + "${{ params.x }}", lambda x: [x]),
    "after arithmetic": (": $(( (1 + 2) * 3 )); " + SHOW + "${{ params.x }}", lambda x: [x]),
    "after backticks": (SHOW + "`printf a\"'b'\"` ${{ params.x }}", lambda x: ["a'b'", x]),
    "after an expansion": (SHOW + "${y:-'a b'} \"${y:-c d}\" ${{ params.x }}", lambda x: ["a b", "c d", x]),
    "argument of sh -c": ("sh -c 'printf \"%s\\0\" \"$1\"' sh ${{ params.x }}", lambda x: [x]),
    "after a quoted script": ("s='printf \"%s\\0\" \"$1\"'; sh -c \"$s\" sh ${{ params.x }}", lambda x: [x]),
    "across lines": (SHOW + "a \\\n  ${{ params.x }} |\ncat", lambda x: ["a", x]),
    "file name": ("v=$(cat < /dev/null) && " + SHOW + "${{ params.x }} 2>&1", lambda x: [x]),
}  # fmt: skip

slow = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(shell: str, line: str, directory: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(directory)}
    return subprocess.run(
        [shell, "-c", line], cwd=directory, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=20
    )


def context(text: str) -> dict[str, Any]:
    return {"params": {"x": text, "l": [text, "", text], "n": 3}}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES.keys())
def test_values_arrive_unchanged(line: str, expected: Callable[[str], list[str]], shell: str, tmp_path: Path) -> None:
    template = compile_template(line, SCOPE, "posix")

    @slow
    @given(HOSTILE_TEXTS)
    def check(text: str) -> None:
        ended = run(shell, template.render(context(text)), tmp_path)
        assert ended.stdout == b"".join(argument.encode() + b"\0" for argument in expected(text))
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert list(tmp_path.iterdir()) == []

    check()


FRAGMENTS = [
    " ", " ", "\n", ";", "&", "|", "(", ")", "{", "}", "'", "\"", "`", "$", "$(", "$((", "((", "))", "${",
    "${a:-", "#", " #", "\\", "\\\n", "<", ">", "<<E", "<<-E\n", "<<'E'\n", "\nE\n", "<<<", "<(", "[[ ", " ]]",
    "[", "]", "a[", "]=", "=", "a=", "a=(", "+=(", "*", "case ", " in ", "esac", "eval ", "if ", "then ", "fi", "echo ",
    "printf %s ", "sh -c ", "test -v ", "!", "$'", "$\"", "$[", "declare ", "export ", "let ", "-c ", "bash ",
    "x", "%s", "&&", "||", "2>&1", ":", "trap ", "read ", "unset ", "\\'", "\\\"",
]  # fmt: skip
POLYGLOT = (
    "a[$(touch pwned)]'\"`touch pwned`$(touch pwned)\ntouch pwned\n;touch pwned;'touch pwned'\"\n)touch pwned\n"
    "}\ntouch pwned\nE\ntouch pwned\n'\ntouch pwned\n\"\ntouch pwned\n"
)
SHORT = [
    "$(touch pwned)", "`touch pwned`", "\ntouch pwned\n", "';touch pwned;'", "a[$(touch pwned)]",
    "\nE\ntouch pwned\n",
]  # fmt: skip


@given(
    before=st.lists(st.sampled_from(FRAGMENTS), max_size=7).map("".join),
    after=st.lists(st.sampled_from(FRAGMENTS), max_size=5).map("".join),
    text=st.sampled_from([POLYGLOT, *SHORT]),
)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_makes_code_of_a_value(
    before: str, after: str, text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        template = compile_template(before + "${{ params.x }}" + after, SCOPE, "posix")
    except ExpressionError:
        return
    directory = tmp_path_factory.getbasetemp()
    line = template.render(context(text))
    for shell in ("bash", "dash"):
        with TemporaryDirectory(dir=directory) as empty:
            run(shell, line, Path(empty))
            assert not (Path(empty) / "pwned").exists(), (shell, line)


REFUSED = {
    "backticks": "echo `cat ${{ params.x }}`",
    "comment": "echo a # ${{ params.x }}",
    "here-document": "cat <<EOF\n${{ params.x }}\nEOF",
    "quoted here-document": "cat <<'EOF'\n${{ params.x }}\nEOF",
    "delimiter": "cat <<${{ params.x }}",
    "arithmetic": "echo $(( 1 + ${{ params.n }} ))",
    "let": "let a=${{ params.n }}",
    "double parentheses": "(( a = ${{ params.n }} ))",
    "old arithmetic": "echo $[ ${{ params.n }} ]",
    "double brackets": "[[ a == b && ${{ params.n }} -eq 1 ]]",
    "subscript": "a[${{ params.n }}]=1",
    "wide subscript": "a[ ${{ params.n }} ]=1",
    "subscript with a command": "a[ 1; echo ${{ params.n }} ]=1",
    "quoted subscript": 'a["${{ params.n }}"]=1',
    "expansion": 'echo "${HOME:-${{ params.x }}}"',
    "ansi quotes": "echo $'${{ params.x }}'",
    "dollar": "echo $${{ params.x }}",
    "backslash": "echo \\${{ params.x }}",
    "backslash in quotes": 'echo "\\${{ params.x }}"',
    "eval": "x=1 eval ${{ params.x }}",
    "eval after then": "if true; then eval ${{ params.x }}; fi",
    "trap": "trap ${{ params.x }} EXIT",
    "script of a shell": "sh -c ${{ params.x }}",
    "in a script of a shell": "sudo -u root sh -c 'echo ${{ params.x }} > /etc/motd'",
    "in a quoted script": 'bash -o pipefail -ec "echo ${{ params.x }}"',
    "after an option": "bash -c -x ${{ params.x }}",
    "redirected": "sh 2>&1 -c ${{ params.x }}",
    "shell in a variable": '"$SHELL" -c ${{ params.x }}',
    "shell in a container": "docker run --rm image sh -c 'ls ${{ params.x }}'",
    "eval after a redirection": "2>&1 eval ${{ params.x }}",
    "eval after a file": "> f eval ${{ params.x }}",
    "eval after clobbering": ">| f eval ${{ params.x }}",
    "eval after &>": "a &> f eval ${{ params.x }}",
    "eval in a function": "function f { eval ${{ params.x }}; }",
    "eval after an array": "a=(1 2) eval ${{ params.x }}",
    "eval after a pattern": "case a in a) eval ${{ params.x }};; esac",
    "eval after an option": "command -p eval ${{ params.x }}",
    "eval after nothing": "$(true)eval ${{ params.x }}",
    "eval after no arguments": '"$@"eval ${{ params.x }}',
    "after what may vanish": "$SUDO eval ${{ params.x }}",
    "after an option that may vanish": "sh -c $OPTIONS ${{ params.x }}",
    "su": "su - app -c 'ls ${{ params.x }}'",
    "ssh": "ssh host ls ${{ params.x }}",
    "python": "python3 -c \"print('${{ params.x }}')\"",
    "perl": "perl -ne 'print if /${{ params.x }}/' f",
    "awk": "awk '/${{ params.x }}/' f",
    "sed": "sed -i s/a/${{ params.x }}/ f",
    "sed -e": "sed -n -e p -e ${{ params.x }} f",
    "find": "find . -exec sh -c 'rm ${{ params.x }}' \\;",
    "declare": "declare -i n=${{ params.n }}",
    "test -v": "[ -v ${{ params.x }} ]",
    "printf -v": "printf -v ${{ params.x }} 1",
    "duplicated descriptor": "echo a >& ${{ params.x }}",
    "glued descriptor": "echo a >&1${{ params.x }}",
    "array": "a=(x ${{ params.x }})",
    "grown array": "a+=( ${{ params.x }} )",
    "broken array": "a=(&&${{ params.x }}",
    "here-string": "cat <<< ${{ params.x }}",
    "process substitution": "bash <(echo ${{ params.x }})",
    "piped into a shell": "echo ${{ params.x }} | sh",
    "piped into a shell with options": "{ echo ${{ params.x }}; } |\n sudo -n bash -es a",
    "piped into a shell in parentheses": "(echo ${{ params.x }}) | (cd /; sh)",
    "piped into an interpreter": "echo ${{ params.x }} | tee log | python3 -",
    "piped to another host": "echo ${{ params.x }} |& ssh host",
    "export of a name": "export ${{ params.x }}",
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED.keys())
def test_places_where_no_quoting_is_safe(line: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be quoted here: "):
        compile_template(line, SCOPE, "posix")
    assert compile_template(line.replace("{{ ", "{{ raw(").replace(" }}", ") }}"), SCOPE, "posix").uses_raw


@pytest.mark.parametrize(
    "line",
    [
        "grep -- ${{ params.x }} /etc/hosts | awk '{print $1}'",
        "awk -v x=${{ params.x }} '$1 == x' ${{ params.x }}",
        "sed -i 's/a/b/' ${{ params.x }}",
        "apt-get install -y ssh ${{ params.x }}",
        "cp -r . ${{ params.x }}",
        "python3 script.py ${{ params.x }}",
        "bash script.sh --name ${{ params.x }}",
        "echo please read ${{ params.x }}",
        "systemctl restart '${{ params.x }}' && systemctl is-active ${{ params.x }}",
        "while [ ${{ params.n }} -gt 0 ]; do sleep 1; done",
    ],
)
def test_ordinary_lines_are_accepted(line: str) -> None:
    compile_template(line, SCOPE, "posix")


@pytest.mark.parametrize("line", ["a=${{ params.l }}", '"${{ params.l }}"', "${{ params.l }}x", "'${{ params.l }}'"])
def test_a_list_stands_alone(line: str) -> None:
    with pytest.raises(ExpressionError, match="stand alone"):
        compile_template(line, SCOPE, "posix").render(context("a"))


@pytest.mark.parametrize("text", ["a\0b", "\ud800", None])
def test_what_no_line_can_carry_is_refused(text: Any) -> None:
    with pytest.raises(ExpressionError):
        compile_template("echo ${{ params.x }}", SCOPE, "posix").render({"params": {"x": text}})


def test_nul_in_the_line_itself_is_refused() -> None:
    with pytest.raises(ExpressionError, match="NUL"):
        compile_template("echo \0 ${{ params.x }}", SCOPE, "posix")
