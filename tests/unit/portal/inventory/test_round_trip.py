"""What an export writes, an import reads as the same."""

from typing import Any

import pytest
from hypothesis import given, settings

from portal.inventory.formats import FORMATS, FormatName
from portal.inventory.formats.rows import Export

from .strategies import exports

NESTED: tuple[FormatName, ...] = ("json", "yaml", "ansible-ini", "ansible-yaml")


def with_defaults(fields: Any) -> dict[str, Any]:
    return {"groups": [], "variables": {}, **fields}


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=50, deadline=None)
@given(export=exports())
def test_every_field_comes_back(name: FormatName, export: Export):
    text = FORMATS[name].write(export)
    found = FORMATS[name].read(text)
    assert [with_defaults(row.fields) for row in found.rows] == [with_defaults(t.fields) for t in export.targets], text
    assert all(not row.withheld for row in found.rows)
    if name in NESTED:
        assert {group: sorted(above) for group, above in found.parents.items()} == dict(export.parents), text
    if name.startswith("ansible"):
        assert [row.username for row in found.rows] == [target.username for target in export.targets]
