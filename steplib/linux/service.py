"""Systemd units."""

from typing import Annotated

from pydantic import BaseModel, Field

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .posix import C_LOCALE, pairs

Unit = Annotated[str, Field(pattern=r"^[A-Za-z0-9@_.:\\-]+$", max_length=255)]

_RUNNING = ("active", "reloading", "activating")


class ServiceState(BaseModel):
    """A unit as systemd sees it.

    Attributes:
        unit: Name of the unit.
        exists: Whether systemd knows the unit.
        active: Whether it is running (or reloading).
        state: Active state: active, reloading, inactive, failed, activating or deactivating.
        sub_state: Finer state, such as running, exited or dead.
        enabled: Whether it starts at boot.
        main_pid: Process id of its main process; 0 when it has none.
    """

    unit: str
    exists: bool
    active: bool
    state: str
    sub_state: str
    enabled: bool
    main_pid: int


@action("service.status", effect="read", platforms=("linux",))
async def status(host: Host, *, unit: Unit) -> Result[ServiceState]:
    """Read the state of a unit; that it does not exist or does not run is an answer, not a failure.

    Args:
        host: Where the unit lives.
        unit: Name of the unit, such as `nginx.service`.
    """
    found = await _look(host, unit)
    return Result.unchanged(f"{unit} is {found.state}" if found.exists else f"{unit} does not exist", found)


async def _would_start(host: Host, *, unit: Unit, sudo: bool = False) -> Result[ServiceState]:
    found = await _existing(host, unit)
    if found.state in _RUNNING:
        return Result.unchanged(f"{unit} is already {found.state}", found)
    return Result.changed(f"would start {unit}", found)


@action("service.start", effect="idempotent", platforms=("linux",), check=_would_start)
async def start(host: Host, *, unit: Unit, sudo: bool = False) -> Result[ServiceState]:
    """Make sure a unit is running.

    Args:
        host: Where the unit lives.
        unit: Name of the unit, such as `nginx.service`.
        sudo: Start it as root by sudo.
    """
    looked = await _would_start(host, unit=unit, sudo=sudo)
    if not looked.did_change:
        return looked
    await host.run("systemctl", "start", "--", unit, sudo=sudo)
    return Result.changed(f"started {unit}", await _not_failed(host, unit))


async def _would_stop(host: Host, *, unit: Unit, sudo: bool = False) -> Result[ServiceState]:
    found = await _existing(host, unit)
    if found.state in ("inactive", "failed"):
        return Result.unchanged(f"{unit} is already {found.state}", found)
    return Result.changed(f"would stop {unit}", found)


@action("service.stop", effect="idempotent", platforms=("linux",), check=_would_stop)
async def stop(host: Host, *, unit: Unit, sudo: bool = False) -> Result[ServiceState]:
    """Make sure a unit is not running.

    Args:
        host: Where the unit lives.
        unit: Name of the unit, such as `nginx.service`.
        sudo: Stop it as root by sudo.
    """
    looked = await _would_stop(host, unit=unit, sudo=sudo)
    if not looked.did_change:
        return looked
    await host.run("systemctl", "stop", "--", unit, sudo=sudo)
    return Result.changed(f"stopped {unit}", await _look(host, unit))


async def _would_restart(host: Host, *, unit: Unit, sudo: bool = False) -> Result[ServiceState]:
    return Result.changed(f"would restart {unit}", await _existing(host, unit))


@action("service.restart", effect="idempotent", platforms=("linux",), check=_would_restart)
async def restart(host: Host, *, unit: Unit, sudo: bool = False) -> Result[ServiceState]:
    """Stop a unit if it runs, and start it.

    Args:
        host: Where the unit lives.
        unit: Name of the unit, such as `nginx.service`.
        sudo: Restart it as root by sudo.
    """
    await _existing(host, unit)
    await host.run("systemctl", "restart", "--", unit, sudo=sudo)
    return Result.changed(f"restarted {unit}", await _not_failed(host, unit))


async def _look(host: Host, unit: str) -> ServiceState:
    properties = "LoadState,ActiveState,SubState,UnitFileState,MainPID"
    output = await host.run("systemctl", "show", f"--property={properties}", "--", unit, environment=C_LOCALE)
    found = pairs(output.stdout)
    state = found.get("ActiveState", "inactive")
    return ServiceState(
        unit=unit,
        exists=found.get("LoadState") not in (None, "not-found"),
        active=state in ("active", "reloading"),
        state=state,
        sub_state=found.get("SubState", ""),
        enabled=found.get("UnitFileState", "").startswith("enabled"),
        main_pid=int(found.get("MainPID") or 0),
    )


async def _existing(host: Host, unit: str) -> ServiceState:
    found = await _look(host, unit)
    if not found.exists:
        raise ActionFailedError(f"{host.name}: unit {unit} does not exist")
    return found


async def _not_failed(host: Host, unit: str) -> ServiceState:
    found = await _look(host, unit)
    if found.state == "failed":
        raise ActionFailedError(f"{host.name}: {unit} failed right after its start")
    return found
