"""Which targets a selector picks. Preview and execution are this one function."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col

from opsconductor.errors import InvalidInputError
from opsconductor.sdk.selector import Selector, parse_selector
from portal.authz.actor import Actor
from portal.credentials.models import Credential
from portal.credentials.repository import CredentialRepository

from .allowed import facts_of
from .models import Target, TargetRow
from .narrowing import condition, narrowed
from .repository import TargetRepository


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run would run on.

    Attributes:
        targets: The chosen targets, by name; no host with one login is in it twice.
        dropped: Targets left out as such repeats, each with the name of the one that stays.
        credentials: The credentials of the chosen targets.
    """

    targets: Sequence[TargetRow]
    dropped: Sequence[tuple[str, str]]
    credentials: dict[UUID, Credential]


async def select_targets(
    targets: TargetRepository, credentials: CredentialRepository, actor: Actor, select: str, job_id: UUID | None = None
) -> Selection:
    """The targets that a selector picks, each host and login once.

    Args:
        targets: Where to look.
        credentials: What they sign in with.
        actor: Who asks.
        select: The selector.
        job_id: Whose credential serves for targets that have none, nor their groups.

    Raises:
        InvalidInputError: The selector is refused.
    """
    chosen = await signing_in(credentials, await _chosen(targets, actor, parse(select)), job_id)
    ids = [target.credential_id for target in chosen if target.credential_id]
    known = {row.id: row for row in await credentials.find_used(ids)}
    first: dict[tuple[str, int, str], TargetRow] = {}
    dropped: list[tuple[str, str]] = []
    for target in chosen:
        credential = known.get(target.credential_id) if target.credential_id else None
        host = (target.address, target.port, credential.username if credential else "")
        kept = first.setdefault(host, target)
        if kept is not target:
            dropped.append((target.name, kept.name))
    return Selection(list(first.values()), dropped, known)


async def signing_in(
    credentials: CredentialRepository, rows: Sequence[TargetRow], job_id: UUID | None
) -> Sequence[TargetRow]:
    """The targets with the credential that each signs in with: its own, its nearest group's, or the job's."""
    groups = {group for row in rows if row.credential_id is None for group in row.groups}
    bindings = await credentials.find_bindings(groups, job_id)
    if not bindings:
        return rows
    return [row._replace(credential_id=bindings.effective(row.credential_id, row.groups)) for row in rows]


async def picked_by(targets: TargetRepository, actor: Actor, select: str, path: str = "select") -> ColumnElement[bool]:
    """What a selector picks, as a condition that holds in this transaction.

    Raises:
        InvalidInputError: The selector is refused.
    """
    selector = parse(select, path)
    found = condition(selector)
    if found.exact:
        return found.sql
    return col(Target.id).in_([row.id for row in await _chosen(targets, actor, selector)])


def parse(select: str, path: str = "targets.select") -> Selector:
    """A selector from the field at this path.

    Raises:
        InvalidInputError: It is refused.
    """
    try:
        return parse_selector(select)
    except InvalidInputError as error:
        raise InvalidInputError([replace(problem, path=path) for problem in error.problems]) from error


async def _chosen(targets: TargetRepository, actor: Actor, selector: Selector) -> list[TargetRow]:
    return [row for row in await targets.list_rows(actor, narrowed(selector)) if selector.matches(facts_of(row))]
