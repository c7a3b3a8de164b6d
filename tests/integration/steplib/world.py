"""A host and the view on it from outside, so that a test can compare what an action says with what is there."""

from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from opsconductor.sdk.transport import Host


@dataclass(frozen=True)
class World:
    """One host.

    Attributes:
        host: The host as an action sees it.
        home: A folder of the test's own in the login's home.
        outside: The same folder as the test sees it.
        units: Where the stand-in for systemctl keeps its units, as the test sees it.
    """

    host: Host
    home: str
    outside: Path
    units: Path

    def path(self, name: str) -> str:
        """A path in the home, as the host names it."""
        return f"{self.home}/{name}"

    def unit(self, state: str, *, refusal: str = "") -> str:
        """Make a unit of the stand-in for systemctl; returns its name."""
        name = f"unit-{token_hex(4)}.service"
        self.units.mkdir(exist_ok=True)
        self.units.chmod(0o777)
        if refusal:
            (self.units / f"{name}.refuses").write_text(f"{refusal}\n")
        (self.units / name).write_text(f"{state}\n")
        (self.units / name).chmod(0o666)
        return name

    def unit_log(self, name: str) -> list[str]:
        """What was done to a unit."""
        log = self.units / f"{name}.log"
        return log.read_text().split() if log.exists() else []
