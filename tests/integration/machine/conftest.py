"""What tests of the shared installation have in common."""

from collections.abc import Iterator

import pytest

from tests.fixtures.machine import Installation
from tests.fixtures.prefect_api import PrefectApi


@pytest.fixture(scope="module")
def prefect(machine: Installation) -> Iterator[PrefectApi]:
    """Prefect's API of the shared installation."""
    with PrefectApi(machine) as api:
        yield api
