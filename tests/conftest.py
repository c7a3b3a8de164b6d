"""Fixtures shared by all rooms."""

import os

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes on a busy machine says nothing about the code.
# The suite draws the same examples each time, so that a hole found by chance stops nobody; `hunt` looks for new ones.
settings.register_profile("hunt", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", settings.get_profile("hunt"), derandomize=True)
settings.load_profile("suite")

pytest_plugins = [
    "tests.fixtures.portal",
    "tests.fixtures.postgres",
    "tests.fixtures.machine",
    "tests.fixtures.fleet",
    "tests.fixtures.oidc",
]

SKIP_NOTHING = "OPSCONDUCTOR_SKIP_NOTHING"
"""Set by `deploy/test.sh`, which has set up everything that a test may need."""


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nothing may be skipped, a skipped test fails the session; pytest lists it as skipped, with the reason."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get(SKIP_NOTHING):
        reporter.write_line("")
        for report in skipped:
            reporter.write_line(f"SKIPPED, and nothing may be: {report.nodeid}: {report.longrepr[-1]}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
