"""Users with a role, for tests of rights."""

from collections.abc import Sequence

import httpx
from fastapi import FastAPI
from sqlmodel import col, select

from portal.authz.models import Role
from portal.identity.models import User
from tests.fixtures.portal import sign_in


async def add_user(app: FastAPI, name: str, permissions: Sequence[str] | str) -> str:
    """A user with a built-in role, or with one of their own with these permissions; gives their key."""
    async with app.state.sessions() as session, session.begin():
        if isinstance(permissions, str):
            role = (await session.scalars(select(Role).where(col(Role.name) == permissions))).one()
        else:
            role = Role(name=f"role-of-{name}", permissions=list(permissions))
            session.add(role)
            await session.flush()
        user = User(username=name, role_id=role.id, password_hash="none")
        session.add(user)
    return str(user.id)


async def signed_in(client: httpx.AsyncClient, app: FastAPI, name: str) -> httpx.AsyncClient:
    """A client of their own, over the same app."""
    headers = {"Authorization": f"Bearer {await sign_in(app, name)}"}
    return httpx.AsyncClient(transport=client._transport, base_url=client.base_url, headers=headers)
