"""What the requests of the matrix name: one thing of each kind in the own place, and one in another's."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select, update

from flows.ledger.tables import JobRun, JobRunOutput, JobRunStep, JobRunTarget
from flows.ledger.values import compressed
from opsconductor.sdk.outcome import Outcome
from portal.api_tokens.authentication import new_token
from portal.api_tokens.models import ApiToken
from portal.authz.models import Role, RoleGrant
from portal.authz.permissions import Permission
from portal.groups.models import TargetGroup
from portal.identity.models import Session, SessionToken, User
from portal.identity.tokens import AccessClaims, TokenKeys, token_hash
from portal.kit.ids import now
from tests.integration.portal.world import add, add_credential, add_target

from .identities import Identity
from .route import Things, Where

_JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: {name}
targets: {{select: "group:{group}"}}
steps:
  - {{id: probe, uses: linux/command@1, with: {{line: uptime}}}}
"""


def job_yaml(name: str, group: str = "own") -> str:
    """A job that runs on a group's targets."""
    return _JOB.format(name=name, group=group)


_FIXED = {
    "step": "probe", "version": "1", "target_ord": "0", "step_ord": "0", "attempt": "1", "path": "", "place": "target",
}  # fmt: skip


def absent() -> Things:
    """Names and keys of nothing."""
    return defaultdict(lambda: str(uuid4()), _FIXED)


async def make_things(app: FastAPI, admin: httpx.AsyncClient, where: Where) -> Things:
    """A group, folder, target, credential, job and runs of one place."""
    name = str(where)
    async with app.state.sessions() as session, session.begin():
        group = TargetGroup(name=name)
        session.add(group)
    credential = await add_credential(admin, f"{name}-login")
    spare = await add_credential(admin, f"{name}-spare")
    target = await add_target(admin, f"{name}-target", groups=[name], credential=credential["name"])
    job = await add(admin, "/jobs", {"yaml": job_yaml(f"{name}-job", name), "folder": name})
    runs = [await add(admin, "/runs", {"job_id": job["id"]}) for _ in range(2)]
    await _end(app, UUID(runs[0]["id"]))
    return {
        **_FIXED,
        "group": name, "group_id": str(group.id), "folder": name,
        "credential": credential["id"], "spare_credential": spare["id"],
        "target": target["id"], "target_name": target["name"],
        "session": str(uuid4()), "job": job["id"], "run": runs[0]["id"], "queued_run": runs[1]["id"],
    }  # fmt: skip


async def _end(app: FastAPI, run_id: UUID) -> None:
    """The run has ended with an attempt of unknown outcome: it can be decided on, resumed and run again."""
    async with app.state.sessions() as session, session.begin():
        ended = {"status": "ended", "outcome": "unknown", "finished_at": now()}
        await session.execute(update(JobRun).where(col(JobRun.id) == run_id).values(**ended))
        await session.execute(
            update(JobRunTarget).where(col(JobRunTarget.run_id) == run_id).values(outcome=int(Outcome.UNKNOWN))
        )
        pair = {"run_id": run_id, "target_ord": 0, "step_ord": 0, "attempt": 1}
        session.add(JobRunStep(**pair, state=2, outcome=int(Outcome.UNKNOWN), epoch=1))
        said = compressed("up 3 days")
        session.add(JobRunOutput(**pair, stdout_bytes=9, stderr_bytes=0, stdout=said, stderr=b""))


async def sign_in_all(app: FastAPI, people: Sequence[Identity], own: Things) -> dict[str, str]:
    """A user for each identity with their role and grants; gives their tokens, which are also their cookies' values."""
    keys: TokenKeys = app.state.token_keys
    tokens: dict[str, str] = {}
    async with app.state.sessions() as session, session.begin():
        for who in people:
            user = await _add_user(session, who, own)
            opened = [Session(user_id=user.id, kind=kind, expires_at=now() + timedelta(hours=2)) for kind in _KINDS]
            session.add_all(opened)
            await session.flush()
            token = keys.sign(AccessClaims(user.id, opened[0].id), lifetime_seconds=7200)
            if who.by_token:
                tokens[who.name] = _add_api_token(session, user)
                continue
            session.add(
                SessionToken(
                    token_hash=token_hash(token),
                    session_id=opened[1].id,
                    purpose="browser_cookie",
                    expires_at=opened[1].expires_at,
                )
            )
            tokens[who.name] = token
    return tokens


_KINDS = ("api", "browser")


def _add_api_token(session: AsyncSession, user: User) -> str:
    token = new_token()
    scopes = [str(permission) for permission in Permission]
    row = ApiToken(
        user_id=user.id,
        name="all",
        token_hash=token_hash(token),
        hint=token[:9],
        scopes=scopes,
        expires_at=now() + timedelta(hours=2),
    )
    session.add(row)
    return token


async def _add_user(session: AsyncSession, who: Identity, own: Things) -> User:
    role = await _role(session, f"role-{who.name}", sorted(who.everywhere), who.built_in)
    user = User(username=f"user-{who.name}", role_id=role.id, active=who.signed_in)
    session.add(user)
    await session.flush()
    if who.granted:
        given = await _role(session, f"grant-{who.name}", sorted(who.granted), None)
        held = {
            "target_group": [own["group_id"]],
            "job_folder": [own["folder"]],
            "credential": [own["credential"], own["spare_credential"]],
        }
        for kind in who.places:
            session.add_all(
                RoleGrant(user_id=user.id, role_id=given.id, kind=kind, place=place) for place in held[kind]
            )
    return user


async def _role(session: AsyncSession, name: str, permissions: list[str], built_in: str | None) -> Role:
    if built_in:
        return (await session.scalars(select(Role).where(col(Role.name) == built_in))).one()
    role = Role(name=name, permissions=permissions)
    session.add(role)
    await session.flush()
    return role
