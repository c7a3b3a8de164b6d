"""Targets for a test that nobody waits for: those that its maker may log in to, and why not the others."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col

from opsconductor.errors import OpsError
from opsconductor.sdk.job import Targets
from portal.authz.actor import Actor
from portal.runs.freezing import Frozen, freeze_credentials, freeze_target
from portal.runs.starting import Books, check_selection
from portal.targets.models import Target
from portal.targets.selection import Selection, signing_in

_OUT_OF_SIGHT = "whoever switched its check on does not see it any more"
_ANY = Targets(select="all")


async def freeze_permitted(books: Books, actor: Actor, target_ids: Sequence[UUID]) -> tuple[Frozen, dict[UUID, str]]:
    """The targets that the actor may log in to, frozen; of the others, why not.

    A credential that cannot be used is no reason to leave the targets of others out.
    """
    found = await books.targets.list_rows(actor, col(Target.id).in_(target_ids))
    rows = await signing_in(books.credentials, found, None)
    used = [row.credential_id for row in rows if row.credential_id]
    known = {credential.id: credential for credential in await books.credentials.find_used(used)}
    refused = dict.fromkeys(set(target_ids) - {row.id for row in rows}, _OUT_OF_SIGHT)
    targets: list[dict[str, Any]] = []
    frozen: dict[str, Any] = {}
    for credential_id in {row.credential_id for row in rows}:
        mine = [row for row in rows if row.credential_id == credential_id]
        credential = known[credential_id] if credential_id else None
        used_here = {credential.id: credential} if credential else {}
        try:
            check_selection(actor, _ANY, Selection(mine, [], used_here))
            frozen |= await freeze_credentials(books.credentials, actor, list(used_here.values()))
        except OpsError as error:
            refused |= dict.fromkeys([row.id for row in mine], str(error))
        else:
            targets += [freeze_target(row, credential) for row in mine]
    return Frozen(targets, frozen), refused
