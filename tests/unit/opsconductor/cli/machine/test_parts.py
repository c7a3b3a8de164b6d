"""What the parts of a machine are told."""

from pathlib import Path

import pytest

from opsconductor.cli.machine.account import Account
from opsconductor.cli.machine.accounts import Accounts
from opsconductor.cli.machine.home import Home
from opsconductor.cli.machine.parts import Addresses, product_parts


def test_where_traces_go_is_told_to_portal_and_worker_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-token=canary")
    monkeypatch.setenv("SOMETHING_ELSE", "of the shell")
    accounts = Accounts(Account.current(), Account.current())
    parts = product_parts(Home(tmp_path), accounts, Addresses("127.0.0.1", 8080, 4200, "dsn", "dsn", "opsconductor"))
    told = {part.name: {name for name in part.environment if name.startswith(("OTEL_", "SOMETHING"))} for part in parts}
    headers = {"OTEL_EXPORTER_OTLP_HEADERS"}
    assert told == {"prefect": set(), "portal": headers, "flows": set(), "worker": headers}
    assert not [part for part in parts if "canary" in " ".join(part.argv)]
