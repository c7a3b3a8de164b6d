"""What the decorator accepts and refuses, and how an action is called."""

import subprocess
import sys
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from opsconductor.errors import ActionDefinitionError, CheckNotSupportedError, InvalidInputError
from opsconductor.sdk.action import Result, RunContext, ShellLine, StepContext, action
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.testing import FakeHost
from opsconductor.sdk.transport import CommandOutput, Host


class Size(BaseModel):
    """How big it is.

    Attributes:
        size_bytes: Its size,
            in bytes.
    """

    size_bytes: int


class Bare(BaseModel):
    size_bytes: int


@action("thing.measure", effect="read", platforms=("linux",))
async def measure(
    host: Host,
    *,
    path: str,
    deep: bool = False,
    limit: Annotated[int, Field(ge=1, description="Stop there.")] = 10,
    unit: Literal["B", "kB"] = "B",
    line: ShellLine | None = None,
    token: Secret | None = None,
) -> Result[Size]:
    """Measure a thing.

    More about it.

    Args:
        host: Where.
        path: Which thing:
            its path.
        deep (bool): Whether to look inside.
        unit: Unit of the summary.
        line: A line for the shell.
        token: A credential.
    """
    output = await host.run("measure", path)
    return Result.unchanged(f"{limit}", Size(size_bytes=int(output.stdout)), command=output)


HOST = {"measure /x": CommandOutput("7", stderr="hm", exit_code=0)}


class TestDeclaration:
    def test_says_what_it_is(self) -> None:
        assert measure.name == "thing.measure"
        assert measure.summary == "Measure a thing."
        assert measure.effect == "read"
        assert measure.scope == "target"
        assert measure.platforms == ("linux",)
        assert measure.outputs is Size
        assert not measure.dynamic_outputs
        assert measure.shell_parameters == {"line": "posix"}
        assert measure.secret_parameters == {"token"}

    def test_parameters_are_described_from_the_docstring_or_the_field(self) -> None:
        described = {name: info.description for name, info in measure.parameters.model_fields.items()}

        assert described["path"] == "Which thing: its path."
        assert described["deep"] == "Whether to look inside."
        assert described["limit"] == "Stop there."

    def test_outputs_are_described_from_their_docstring(self) -> None:
        assert measure.outputs is not None
        schema = measure.outputs.model_json_schema(mode="serialization")

        assert schema["properties"]["size_bytes"]["description"] == "Its size, in bytes."

    def test_a_secret_shows_as_a_credential_in_the_schema(self) -> None:
        schema = measure.parameters.model_json_schema()

        assert {"type": "string", "format": "opsconductor-credential"} in schema["properties"]["token"]["anyOf"]

    def test_importing_it_is_light(self) -> None:
        heavy = ("prefect", "asyncssh", "sqlalchemy", "ruamel")
        code = f"import sys, opsconductor.sdk.action; print([m for m in {heavy} if m in sys.modules])"
        output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

        assert output.stdout.strip() == "[]"


class TestCall:
    async def test_validates_and_runs(self) -> None:
        result = await measure.call(FakeHost(HOST), {"path": "/x", "limit": 3})

        assert not result.did_change
        assert result.summary == "3"
        assert result.values == {"size_bytes": 7}
        assert (result.stdout, result.stderr, result.exit_code) == ("7", "hm", 0)

    async def test_calling_it_directly_is_typed_and_plain(self) -> None:
        result = await measure(FakeHost(HOST), path="/x")

        assert result.outputs.size_bytes == 7

    async def test_names_every_problem_and_shows_no_value(self) -> None:
        host = FakeHost(HOST)
        with pytest.raises(InvalidInputError) as caught:
            await measure.call(
                host, {"limit": "hunter2", "deep": 1, "unit": "MB", "token": "hunter2", "more": "hunter2"}
            )

        assert {problem.path.split(".")[0] for problem in caught.value.problems} == {
            "path",
            "limit",
            "deep",
            "unit",
            "token",
            "more",
        }
        assert "hunter2" not in str(caught.value)
        assert host.commands == []

    async def test_a_whole_number_may_stand_for_a_number(self) -> None:
        @action("wait", effect="read", scope="any")
        async def wait(step: StepContext, *, seconds: float) -> Result[None]:
            """Wait.

            Args:
                step: Where.
                seconds: How long.
            """
            return Result.unchanged(f"{seconds}")

        assert (await wait.call(StepContext(), {"seconds": 3})).values == {}
        with pytest.raises(InvalidInputError):
            await wait.call(StepContext(), {"seconds": "3"})


class TestDryRun:
    async def test_a_reading_action_is_its_own(self) -> None:
        assert measure.supports_check
        assert (await measure.dry_run(FakeHost(HOST), {"path": "/x"})).outputs.size_bytes == 7

    async def test_an_action_without_one_says_so(self) -> None:
        @action("zap", effect="once")
        async def zap(host: Host) -> Result[None]:
            """Zap it.

            Args:
                host: Where.
            """
            raise AssertionError("ran")

        assert not zap.supports_check
        with pytest.raises(CheckNotSupportedError, match="zap has no dry run"):
            await zap.dry_run(FakeHost(), {})

    async def test_its_own_check_is_called_with_the_defaults(self) -> None:
        async def look(host: Host, *, depth: int = 3) -> Result[None]:
            return Result.changed(f"would dig {depth}")

        @action("dig", effect="idempotent", check=look)
        async def dig(host: Host, *, depth: int = 3) -> Result[None]:
            """Dig.

            Args:
                host: Where.
                depth: How deep.
            """
            raise AssertionError("ran")

        assert (await dig.dry_run(FakeHost(), {})).summary == "would dig 3"


async def documented(host: Host, *, path: str) -> Result[None]:
    """Do it.

    Args:
        host: Where.
        path: What.
    """
    return Result.unchanged("")


class TestRefusals:
    @pytest.mark.parametrize("name", ["", "Thing", "thing.Do", "a.b.c", "a b", "thing.", "linux/thing"])
    def test_names(self, name: str) -> None:
        with pytest.raises(ActionDefinitionError, match=r"the name is `noun\.verb` or one noun"):
            action(name, effect="read")(documented)

    def test_effect(self) -> None:
        with pytest.raises(ActionDefinitionError, match="action a: say its effect: one of read, idempotent, once"):
            action("a", effect="maybe")(documented)  # type: ignore[arg-type]

    def test_scope(self) -> None:
        with pytest.raises(ActionDefinitionError, match="its scope is one of"):
            action("a", effect="read", scope="fleet")(documented)  # type: ignore[arg-type]

    def test_a_function_that_is_not_async(self) -> None:
        def plain(host: Host) -> Result[None]:
            """Do it."""
            return Result.unchanged("")

        self.refused(plain, "async def")

    def test_no_docstring(self) -> None:
        async def silent(host: Host) -> Result[None]:
            return Result.unchanged("")

        self.refused(silent, "write a docstring")

    def test_a_summary_that_runs_on(self) -> None:
        async def long(host: Host) -> Result[None]:
            """Do it and
            more of it.
            """
            return Result.unchanged("")

        self.refused(long, "write a docstring")

    def test_an_undescribed_parameter(self) -> None:
        async def quiet(host: Host, *, path: str) -> Result[None]:
            """Do it."""
            return Result.unchanged("")

        self.refused(quiet, "describe parameter `path`")

    def test_a_positional_parameter(self) -> None:
        async def loose(host: Host, path: str) -> Result[None]:
            """Do it."""
            return Result.unchanged("")

        self.refused(loose, "make parameter `path` keyword-only")

    def test_any_keyword(self) -> None:
        async def loose(host: Host, **path: str) -> Result[None]:
            """Do it."""
            return Result.unchanged("")

        self.refused(loose, "make parameter `path` keyword-only")

    def test_an_untyped_parameter(self) -> None:
        async def untyped(host: Host, *, path) -> Result[None]:  # type: ignore[no-untyped-def]
            """Do it."""
            return Result.unchanged("")

        self.refused(untyped, "give parameter `path` a type")

    @pytest.mark.parametrize("name", ["copy", "model_config", "json"])
    def test_a_reserved_parameter(self, name: str) -> None:
        scope: dict[str, Any] = {"Host": Host, "Result": Result}
        exec(f"async def taken(host: Host, *, {name}: str) -> Result[None]:\n    'Do it.'", scope)

        self.refused(scope["taken"], f"choose another name for parameter `{name}`")

    def test_a_type_that_is_no_json(self) -> None:
        async def odd(host: Host, *, path: FakeHost) -> Result[None]:
            """Do it.

            Args:
                path: What.
            """
            return Result.unchanged("")

        self.refused(odd, "its parameters make no model")

    def test_no_first_argument(self) -> None:
        async def alone() -> Result[None]:
            """Do it."""
            return Result.unchanged("")

        self.refused(alone, "a first argument of type `Host`")

    def test_a_first_argument_of_another_scope(self) -> None:
        async def run(run: RunContext) -> Result[None]:
            """Do it."""
            return Result.unchanged("")

        self.refused(run, "a first argument of type `Host`")

    def test_no_outputs(self) -> None:
        async def shapeless(host: Host) -> dict[str, str]:
            """Do it."""
            return {}

        self.refused(shapeless, "declare what it returns")

    def test_undescribed_outputs(self) -> None:
        async def bare(host: Host) -> Result[Bare]:
            """Do it."""
            return Result.unchanged("", Bare(size_bytes=1))

        self.refused(bare, "describe output `size_bytes` under `Attributes:` in the docstring of `Bare`")

    @pytest.mark.parametrize("parameters", ["path: str = ''", "way: str", "path: int", "path: str, more: str"])
    def test_a_check_with_other_parameters(self, parameters: str) -> None:
        scope: dict[str, Any] = {"Host": Host, "Result": Result}
        exec(f"async def look(host: Host, *, {parameters}) -> Result[None]: ...", scope)

        with pytest.raises(ActionDefinitionError, match="give its check `look` the very parameters of `documented`"):
            action("a", effect="read", check=scope["look"])(documented)

    def refused(self, function: Any, mend: str) -> None:
        with pytest.raises(ActionDefinitionError, match=f"action thing.do: .*{mend}"):
            action("thing.do", effect="read")(function)
