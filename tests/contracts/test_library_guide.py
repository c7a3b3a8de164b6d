"""The guide for authors of libraries shows code that works."""

import re
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from opsconductor.sdk.library import Library
from opsconductor.sdk.testing import FakeHost
from opsconductor.sdk.transport import CommandOutput
from steplib.registry import Registry

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-library.md"
ON = CommandOutput("Filename Type Size Used Priority\n/dev/vdb partition 1 0 -2\n")
OFF = CommandOutput("Filename Type Size Used Priority\n")


async def test_its_library_and_its_test_work() -> None:
    guide = types.ModuleType("guide")
    exec("\n".join(re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)), guide.__dict__)

    await cast("Callable[[], Awaitable[None]]", guide.__dict__["test_leaves_a_host_without_swap_alone"])()
    registry = Registry([cast("Library", guide.__dict__["LIBRARY"])])
    disable = registry.find("memory/swap.disable@1")
    assert disable is not None
    host = FakeHost({"cat /proc/swaps": [ON, OFF]})
    assert (await disable.call(host, {})).did_change
    assert [call.line for call in host.calls if call.sudo] == ["swapoff -a"]
