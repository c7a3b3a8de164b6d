"""Maintenance is deployed in Prefect."""

import structlog

from portal.gateway import Gateway

_log = structlog.stdlib.get_logger("portal.upkeep")


async def deploy_maintenance(gateway: Gateway) -> bool:
    """Have Prefect know the maintenance flows and their schedules, where it does not."""
    made = await gateway.deploy_maintenance()
    if made:
        _log.info("maintenance.deployed", deployments=list(made))
    return False
