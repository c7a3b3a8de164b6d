"""Whatever a parameter holds, it reaches a real shell as data."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steplib.linux import command, file, script
from tests.doubles.local_host import LocalHost

TEXT = st.text(
    st.one_of(
        st.sampled_from("'\"`$(){}[];&|<>*?~!#\\ \n\t-=%"), st.characters(exclude_characters="\0", codec="utf-8")
    ),
    max_size=40,
)
NAME = TEXT.filter(
    lambda name: (
        name not in ("", ".", "..") and "/" not in name and not name.endswith("\n") and len(name.encode()) < 200
    )
)
SHOW = 'for one in "$@"; do printf "%s" "$one" | od -An -v -tx1 | tr -d " \\n"; echo; done'


@pytest.mark.parametrize("interpreter", ["sh", "dash", "bash"])
@settings(max_examples=25, deadline=None)
@given(arguments=st.lists(TEXT, max_size=4))
async def test_arguments_of_scripts(interpreter: str, arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = await script.script.call(
            LocalHost(Path(folder)), {"text": SHOW, "arguments": arguments, "interpreter": interpreter}
        )

        assert [bytes.fromhex(line).decode() for line in result.stdout.splitlines()] == arguments
        assert list(Path(folder).iterdir()) == []


@settings(max_examples=25, deadline=None)
@given(text=TEXT, value=TEXT)
async def test_input_and_environment_of_commands(text: str, value: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = await command.read.call(
            LocalHost(Path(folder)),
            {"line": 'cat; printf "|%s|" "$VALUE"', "stdin": text, "environment": {"VALUE": value}},
        )

        assert result.stdout == f"{text}|{value}|"
        assert list(Path(folder).iterdir()) == []


@settings(max_examples=20, deadline=None)
@given(name=NAME, content=TEXT)
async def test_names_and_contents_of_files(name: str, content: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host, path = LocalHost(Path(folder)), f"{folder}/{name}"
        await file.write.call(host, {"path": path, "content": content})

        assert [item.name for item in Path(folder).iterdir()] == [name]
        assert Path(path).read_bytes() == content.encode()
        assert (await file.read.call(host, {"path": path})).values["content"] == content
        await file.delete.call(host, {"path": path})
        assert list(Path(folder).iterdir()) == []
