"""What the portal deploys is what `prefect deploy --all` deploys."""

from pathlib import Path

from ruamel.yaml import YAML

from flows.maintenance import FLOWS
from flows.maintenance_plan import MAINTENANCE, MAINTENANCE_TAG

PREFECT_YAML = Path(__file__).parents[3] / "prefect.yaml"


def test_it_is_the_same_as_in_prefect_yaml() -> None:
    told = YAML(typ="safe").load(PREFECT_YAML)["deployments"]
    wanted = [
        {
            "name": one.name,
            "entrypoint": one.entrypoint,
            "description": one.description,
            "tags": [MAINTENANCE_TAG],
            **({"parameters": dict(one.parameters)} if one.parameters else {}),
            "work_pool": {"name": "opsconductor"},
            "schedules": [
                {"cron": one.cron, "timezone": "UTC", "active": True}
                if one.cron
                else {"interval": one.interval_seconds, "active": True}
            ],
        }
        for one in MAINTENANCE
    ]
    assert told == wanted


def test_every_flow_of_ours_is_deployed_under_its_own_name() -> None:
    assert {one.entrypoint: one.flow for one in MAINTENANCE} == {key: flow.name for key, flow in FLOWS.items()}
