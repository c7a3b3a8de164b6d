"""Says at the end how much the rights matrix holds."""

import pytest

from .rights.expectation import cells
from .rights.rows import ROUTES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    count = sum(len(cells(route)) for route in ROUTES.values())
    terminalreporter.write_line(f"rights matrix: {len(ROUTES)} routes, {count} cells")
