"""The job behind connection tests: one step that logs in, looks around and changes nothing.

It is published like any other, but has no row among the jobs: nobody edits, schedules or deletes it.
"""

import hashlib
from typing import Final

from flows.compiler import ActionCatalogue, check_reading
from flows.plan import Plan
from opsconductor.errors import DocumentError
from opsconductor.sdk.job import try_yaml

TEST_JOB_NAME: Final = "connection test"
_DOCUMENT: Final = """\
apiVersion: opsconductor/v1
kind: Job
name: connection test
strategy: {concurrency: 100}
timeout_seconds: 3600
steps:
  - {id: test, uses: linux/connection.test@1, timeout_seconds: 30}
"""


def test_plan(actions: ActionCatalogue) -> Plan:
    """The job as the engine runs it."""
    found = check_reading(try_yaml(_DOCUMENT), actions)
    if found.plan is None:
        raise DocumentError(found.problems)
    return found.plan


def version_of(plan: Plan) -> int:
    """A number that is another one whenever the plan is: published versions never change."""
    digest = hashlib.sha256(plan.model_dump_json().encode()).digest()
    return int.from_bytes(digest[:4]) >> 1 or 1
