"""Whether Prefect has the maintenance flows of this machine, asked over its own API."""

import base64
import json
import urllib.error
import urllib.request

from flows.maintenance_plan import MAINTENANCE, MAINTENANCE_TAG

from .home import Home
from .lock import Running

_BODY = json.dumps({"deployments": {"tags": {"all_": [MAINTENANCE_TAG]}}, "limit": 200}).encode()


def missing_maintenance(place: Home, running: Running) -> list[str] | None:
    """Names of the maintenance deployments that are missing or paused; None when Prefect cannot be asked."""
    try:
        auth = (place.prefect / "auth").read_bytes().strip()
        request = urllib.request.Request(f"{running.prefect_api_url}/deployments/filter", _BODY, method="POST")  # noqa: S310 (our own loopback address)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Basic {base64.b64encode(auth).decode()}")
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 (the same)
            found = json.load(response)
    except (OSError, urllib.error.URLError, ValueError):
        return None
    at_work = {row["entrypoint"] for row in found if not row["paused"]}
    return [wanted.full_name for wanted in MAINTENANCE if wanted.entrypoint not in at_work]
