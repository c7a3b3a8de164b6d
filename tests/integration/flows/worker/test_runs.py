"""Runs through the fork server, end to end."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import PASSWORD, Port, shell_plan

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]


async def test_an_announced_run_is_done_and_shown(
    worker: Callable[..., Any], order: Callable[..., Any], port: Port, query: Callable[..., Any]
) -> None:
    async with worker() as running:
        for turn in range(3):
            began = asyncio.get_running_loop().time()
            run_id = order(shell_plan("echo hello"))
            at, line = await port.lines.get()
            print("FIRST BYTE", at - began)
            assert line == f"ops {PASSWORD}\n"
            print(await running.ended.get(), asyncio.get_running_loop().time() - began)
            print(query("SELECT outcome, summary, finished_at - created_at FROM job_runs WHERE id = %s", run_id))
    assert 0
