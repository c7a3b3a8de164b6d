"""Fixtures shared by all rooms."""

pytest_plugins = [
    "tests.fixtures.portal",
    "tests.fixtures.postgres",
    "tests.fixtures.machine",
    "tests.fixtures.fleet",
    "tests.fixtures.oidc",
]
