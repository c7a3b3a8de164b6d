"""Who the parts run as: two OS users when started by root, one otherwise."""

import os
from dataclasses import dataclass
from pathlib import Path

from .account import Account

SERVICE = "opsconductor"
FLOW = "opsconductor-run"


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one machine.

    Attributes:
        service: Portal, worker, PostgreSQL and Prefect server. It can read the keyring.
        flow: Flow processes, where action code runs. It cannot, when `apart`.
    """

    service: Account
    flow: Account

    @property
    def apart(self) -> bool:
        """Whether action code runs as an OS user of its own."""
        return self.service.uid != self.flow.uid

    @classmethod
    def for_home(cls, root: Path) -> "Accounts":
        """Two system accounts, made now if need be, for root; this process's own account for others."""
        if os.geteuid() != 0:
            current = Account.current()
            return cls(current, current)
        return cls(Account.ensure(SERVICE, root), Account.ensure(FLOW, root))
