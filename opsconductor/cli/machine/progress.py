"""What a person sees while the parts start."""

import time
from functools import partial
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from .machine import Machine

_MARKS = {"ready": "[green]●[/green]", "starting": "[yellow]○[/yellow]", "stopping": "[dim]○[/dim]"}


class StartProgress:
    """A live table of the parts on a terminal; plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[str, tuple[str, float]] = {}
        self._started = time.monotonic()
        self._live = Live(console=console, refresh_per_second=8, transient=True) if console.is_terminal else None

    def __enter__(self) -> "StartProgress":
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.__exit__(kind, error, trace)
            self._live = None

    def report(self, name: str, state: str) -> None:
        """A part changed its state."""
        seconds = time.monotonic() - self._started
        self._states[name] = (state, seconds)
        if self._live:
            self._live.update(self._table())
        else:
            self._console.print(f"{seconds:6.1f} s  {name}: {state}", highlight=False, soft_wrap=True)

    def ready(self, machine: Machine, seconds: float, password: str | None) -> None:
        """Everything works: say where, and the one-time password of a first start."""
        self.__exit__(None, None, None)
        addresses = machine.addresses
        say = partial(self._console.print, soft_wrap=True)
        say(f"Ready in {seconds:.1f} s", style="bold green", highlight=False)
        say(f"  portal       {addresses.portal_url}", highlight=False)
        say(f"  API          {addresses.portal_url}/api/v1 (docs: {addresses.portal_url}/docs)", highlight=False)
        say("  Prefect UI   opsconductor login --browser", highlight=False)
        if password:
            say(f"  first login  user admin, one-time password {password}", highlight=False)
            say("               shown this once; `opsconductor login` asks for it, and for one of your own")
        if not machine.accounts.apart:
            say("  note         not started by root: action code runs as your own OS user (see `opsconductor doctor`)")
        say("")

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, (state, seconds) in self._states.items():
            table.add_row(_MARKS.get(state, "[red]●[/red]"), name, state, f"[dim]{seconds:.1f} s[/dim]")
        return table
