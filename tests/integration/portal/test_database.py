"""What the database says when it refuses."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kit.database import create_engine

pytestmark = pytest.mark.real


async def test_a_refused_statement_is_told_without_its_values(portal_database: str) -> None:
    engine = create_engine(portal_database)
    try:
        async with engine.connect() as connection:
            with pytest.raises(DBAPIError) as refused:
                await connection.execute(text("SELECT 1 / (length(:value) - length(:value))"), {"value": "hunter2!"})
    finally:
        await engine.dispose()
    assert "division by zero" in str(refused.value)
    assert "hunter2!" not in str(refused.value)
