"""Queries over credentials. Every one starts from what the actor may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import Date, DateTime, Uuid, column, literal, table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from portal.audit.models import AuditEntry
from portal.authz.actor import Actor
from portal.authz.models import RoleGrant
from portal.authz.permissions import Permission
from portal.authz.reach import among, in_groups
from portal.kit.ids import now
from portal.kit.pages import PageParams, order, paginate
from portal.kit.sealing_lock import hold_keys

from .models import Credential, CredentialBinding, CredentialVersion
from .precedence import Bindings, GroupBinding, depths

ACCESS_EVENTS = ("credential.used", "credential.revealed", "credential.tested")
_USERS_SHOWN = 10
_FAR = datetime(9999, 12, 31, tzinfo=UTC)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# Plain SQL: the credentials module comes before the targets and groups modules and cannot import their models.
_TARGETS = table("targets", column("name"), column("groups", JSONB), column("credential_id", Uuid()))
_BOUND_GROUPS = text("""
SELECT bound.credential_id, groups.id, groups.name FROM credential_bindings bound
JOIN target_groups groups ON groups.id = bound.group_id WHERE groups.name = ANY(:names)
""")
_NAMED_GROUPS = text("SELECT name FROM target_groups WHERE lower(name) = ANY(:names)")
_PARENTS = text("SELECT group_id, parent_id FROM target_group_parents")
# Whoever holds one of the rows says the same of it, so nobody waits for it.
_USED = text("""
UPDATE credentials SET last_used_at = :moment WHERE id IN (
  SELECT id FROM credentials WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
""")


@dataclass(frozen=True, slots=True)
class CredentialFilter:
    """Which credentials to list.

    Attributes:
        expiring_within_days: Only those that expire within so many days, or have expired.
        rotation_within_days: Only those whose next rotation is within so many days, or overdue.
    """

    kind: str | None = None
    q: str | None = None
    expiring_within_days: int | None = None
    rotation_within_days: int | None = None
    sort: str = "name"


class CredentialRepository:
    """Credentials and where their secrets lie."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: CredentialFilter, page: PageParams) -> CursorPage[Credential]:
        """One page of credentials."""
        query = _filtered(_visible_to(actor), wanted)
        columns = {
            "name": func.lower(Credential.name),
            "created_at": col(Credential.created_at),
            "valid_until": func.coalesce(Credential.valid_until, literal(_FAR, DateTime(timezone=True))),
            "next_rotation_date": func.coalesce(Credential.next_rotation_date, literal(_FAR.date(), Date())),
            "last_used_at": func.coalesce(Credential.last_used_at, literal(_LONG_AGO, DateTime(timezone=True))),
        }
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(Credential.id))), page)

    async def list_all(self, actor: Actor) -> Sequence[Credential]:
        """Every credential in sight, by name."""
        return (await self._session.scalars(_visible_to(actor).order_by(func.lower(Credential.name)))).all()

    async def list_accesses(self, credential: Credential, page: PageParams) -> CursorPage[AuditEntry]:
        """One page of the audit entries that tell of a use of the secret, the newest first."""
        query = select(AuditEntry).where(
            col(AuditEntry.subject_kind) == "credential",
            col(AuditEntry.subject_id) == str(credential.id),
            col(AuditEntry.event).in_(ACCESS_EVENTS),
        )
        return await paginate(self._session, query.order_by(col(AuditEntry.seq).desc()), page)

    async def hold_reveals(self, actor: Actor) -> None:
        """Until the transaction ends nobody else reveals in the actor's name: many at once are counted one by one."""
        key = {"key": f"reveals of {actor.user_id}"}
        await self._session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), key)

    async def list_reveals(self, actor: Actor, since: datetime, most: int) -> Sequence[datetime]:
        """When the actor last saw secrets, the newest first."""
        query = select(AuditEntry.at).where(
            col(AuditEntry.event) == "credential.revealed",
            col(AuditEntry.actor_id) == str(actor.user_id),
            col(AuditEntry.at) > since,
        )
        return (await self._session.scalars(query.order_by(col(AuditEntry.seq).desc()).limit(most))).all()

    async def find(self, actor: Actor, credential_id: UUID, *, lock: bool = False) -> Credential | None:
        """The credential, or None when it is absent or out of the actor's sight."""
        query = _visible_to(actor).where(col(Credential.id) == credential_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_by_names(self, actor: Actor, names: Sequence[str]) -> Sequence[Credential]:
        """The credentials with these names, in any case of letters."""
        if not names:
            return []
        query = _visible_to(actor).where(func.lower(Credential.name).in_([name.lower() for name in names]))
        return (await self._session.scalars(query)).all()

    async def find_many(self, actor: Actor, ids: Sequence[UUID]) -> Sequence[Credential]:
        """The credentials with these keys."""
        if not ids:
            return []
        return (await self._session.scalars(_visible_to(actor).where(col(Credential.id).in_(set(ids))))).all()

    async def find_used(self, ids: Iterable[UUID]) -> Sequence[Credential]:
        """The credentials that targets sign in with, whoever asks; using them is checked where it is done."""
        wanted = set(ids)
        if not wanted:
            return []
        return (await self._session.scalars(select(Credential).where(col(Credential.id).in_(wanted)))).all()

    async def find_bindings(self, groups: Collection[str], job_id: UUID | None = None) -> Bindings:
        """What is bound to these groups, and to the job."""
        of_job = select(CredentialBinding.credential_id).where(col(CredentialBinding.job_id) == job_id)
        return Bindings(
            await self._group_bindings(groups) if groups else (), await self._session.scalar(of_job) if job_id else None
        )

    async def _group_bindings(self, groups: Collection[str]) -> list[GroupBinding]:
        bound = (await self._session.execute(_BOUND_GROUPS, {"names": sorted(groups)})).all()
        deep = depths(await self._parents(), [row.id for row in bound]) if len(bound) > 1 else {}
        return [GroupBinding(row.credential_id, row.name, deep.get(row.id, 0)) for row in bound]

    async def _parents(self) -> Mapping[UUID, list[UUID]]:
        found: dict[UUID, list[UUID]] = {}
        for group, parent in await self._session.execute(_PARENTS):
            found.setdefault(group, []).append(parent)
        return found

    async def names(self, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Key → name."""
        return {row.id: row.name for row in await self.find_many(actor, ids)}

    async def users_of(self, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
        """Key → names of the first targets in sight that sign in with it."""
        if not ids:
            return {}
        rank = func.row_number().over(partition_by=_TARGETS.c.credential_id, order_by=func.lower(_TARGETS.c.name))
        ranked = (
            select(_TARGETS.c.credential_id, _TARGETS.c.name, rank.label("rank"))
            .where(
                _TARGETS.c.credential_id.in_(ids), in_groups(actor.scope(Permission.TARGETS_VIEW), _TARGETS.c.groups)
            )
            .subquery()
        )
        first = (
            select(ranked.c.credential_id, ranked.c.name).where(ranked.c.rank <= _USERS_SHOWN).order_by(ranked.c.rank)
        )
        users: dict[UUID, list[str]] = {}
        for credential_id, name in await self._session.execute(first.order_by(ranked.c.rank)):
            users.setdefault(credential_id, []).append(name)
        return users

    async def find_versions(self, credentials: Sequence[Credential]) -> Mapping[UUID, CredentialVersion]:
        """Key → the version that new runs use."""
        ids = [row.id for row in credentials]
        query = (
            select(CredentialVersion)
            .join(Credential, col(Credential.id) == col(CredentialVersion.credential_id))
            .where(col(CredentialVersion.version) == col(Credential.version), col(Credential.id).in_(ids))
        )
        return {row.credential_id: row for row in (await self._session.scalars(query)).all()}

    async def hold_keys(self) -> None:
        """Keep a rotation from forgetting a key that this transaction seals with."""
        await hold_keys(self._session)

    async def retire(self, credential_id: UUID) -> None:
        """Say that no new run uses the versions so far."""
        await self._session.execute(
            update(CredentialVersion)
            .where(col(CredentialVersion.credential_id) == credential_id, col(CredentialVersion.retired_at).is_(None))
            .values(retired_at=now())
        )

    async def group_names(self, names: Collection[str]) -> Mapping[str, str]:
        """Small letters → name, of the groups that have these names in some case, whoever asks."""
        found = await self._session.scalars(_NAMED_GROUPS, {"names": [name.lower() for name in names]})
        return {name.lower(): name for name in found}

    async def note_use(self, ids: Collection[UUID]) -> None:
        """Say that a run uses them now."""
        if ids:
            await self._session.execute(_USED, {"ids": list(ids), "moment": now()})

    def add(self, *rows: Credential | CredentialVersion) -> None:
        """Keep new rows."""
        self._session.add_all(rows)

    async def revoke_grants(self, credential_id: UUID) -> Sequence[str]:
        """Take roles in this credential away; gives the keys of the users who had them."""
        here = col(RoleGrant.kind) == "credential", col(RoleGrant.place) == str(credential_id)
        holders = (await self._session.scalars(delete(RoleGrant).where(*here).returning(col(RoleGrant.user_id)))).all()
        return sorted({str(user_id) for user_id in holders})

    async def delete(self, credential: Credential) -> None:
        """Remove a credential; its retired versions wait for the runs that still use them."""
        await self._session.delete(credential)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[Credential]:
    return select(Credential).where(among(actor.scope(Permission.CREDENTIALS_VIEW), Credential.id))


def _filtered(query: SelectOfScalar[Credential], wanted: CredentialFilter) -> SelectOfScalar[Credential]:
    if wanted.kind:
        query = query.where(col(Credential.kind) == wanted.kind)
    if wanted.q:
        query = query.where(func.strpos(func.lower(Credential.name), wanted.q.lower()) > 0)
    if wanted.expiring_within_days is not None:
        query = query.where(col(Credential.valid_until) <= now() + timedelta(days=wanted.expiring_within_days))
    if wanted.rotation_within_days is not None:
        last_day = now().date() + timedelta(days=wanted.rotation_within_days)
        query = query.where(col(Credential.next_rotation_date) <= last_day)
    return query
