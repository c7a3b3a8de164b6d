"""What the portal deploys is what `prefect deploy --all` deploys."""

import json
from pathlib import Path

from ruamel.yaml import YAML

from flows.maintenance import FLOWS
from flows.maintenance_plan import MAINTENANCE, MAINTENANCE_TAG

ROOT = Path(__file__).parents[3]
PREFECT_YAML = ROOT / "prefect.yaml"


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


def test_the_reference_tells_every_parameter_of_retention_and_what_holds_when_nobody_says_anything() -> None:
    (daily,) = (one for one in MAINTENANCE if one.name == "daily")
    reference = (ROOT / "docs/reference/settings.md").read_text()
    for name, value in daily.parameters.items():
        assert f"| `{name}` | `{json.dumps(value)}` |" in reference
    properties = FLOWS[daily.entrypoint].parameters.properties
    assert {name: facts["default"] for name, facts in properties.items()} == dict(daily.parameters)
