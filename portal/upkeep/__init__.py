"""What the portal does on its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from functools import partial

from flows.compiler import ActionCatalogue
from portal.gateway import Gateway
from portal.identity.use import SessionUse
from portal.kit.database import Sessions
from portal.kit.listener import Listener
from portal.kit.wakeup import UPKEEP_CHANNEL
from portal.runs.repository import EVENTS_CHANNEL

from .blocks import remove_blocks
from .deployments import deploy_jobs, move_deployments
from .figures import count_runs
from .flow_runs import create_flow_runs
from .host_keys import pin_host_keys
from .loop import keep_up
from .maintenance import deploy_maintenance
from .retention import report_retention
from .sessions import forget_sessions, write_session_use
from .target_health import carry_rounds_on

_HOUR = 3600.0


@asynccontextmanager
async def upkeep(
    sessions: Sessions,
    gateway: Gateway,
    listener: Listener,
    use: SessionUse,
    actions: ActionCatalogue,
    *,
    stock_worker: bool,
) -> AsyncGenerator[None]:
    """Keep everything up while the context lasts."""

    async def tell_prefect() -> bool:
        """Deployments first: a flow run needs one."""
        left = await deploy_jobs(sessions, gateway)
        return await create_flow_runs(sessions, gateway) or left

    pin = partial(pin_host_keys, sessions)
    remove = partial(remove_blocks, sessions, gateway)
    forget = partial(forget_sessions, sessions)
    write_use = partial(write_session_use, sessions, use)
    move = partial(move_deployments, sessions, gateway)
    maintain = partial(deploy_maintenance, gateway)
    report = partial(report_retention, sessions)
    count = partial(count_runs, sessions, actions)
    watch = partial(carry_rounds_on, sessions, actions, stock_worker=stock_worker)
    with ExitStack() as stack:
        round_asked = stack.enter_context(listener.watch(UPKEEP_CHANNEL))
        run_ended = stack.enter_context(listener.watch(EVENTS_CHANNEL))
        asked = stack.enter_context(listener.watch(UPKEEP_CHANNEL))
        happened = stack.enter_context(listener.watch(EVENTS_CHANNEL))
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(chore)
                for chore in (
                    listener.run(),
                    keep_up("tell Prefect", tell_prefect, [asked], every_seconds=60, pause_seconds=0.1),
                    keep_up("pin host keys", pin, [happened], every_seconds=60, pause_seconds=1),
                    keep_up("watch targets", watch, [round_asked, run_ended], every_seconds=60, pause_seconds=1),
                    keep_up("remove blocks", remove, [], every_seconds=300, pause_seconds=1),
                    keep_up("move deployments", move, [], every_seconds=_HOUR, pause_seconds=1),
                    keep_up("deploy maintenance", maintain, [], every_seconds=_HOUR, pause_seconds=1),
                    keep_up("write use of sign-ins", write_use, [], every_seconds=30, pause_seconds=0),
                    keep_up("count runs", count, [], every_seconds=15, pause_seconds=1),
                    keep_up("report retention", report, [], every_seconds=60, pause_seconds=1),
                    keep_up("forget sessions", forget, [], every_seconds=_HOUR, pause_seconds=1),
                )
            ]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
