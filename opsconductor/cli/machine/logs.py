"""`opsconductor logs`."""

import collections
import subprocess
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from opsconductor.errors import NotFoundError

from .home import Home, HomeOption, default_root


def logs(
    part: str | None = None,
    *,
    lines: Annotated[int, Parameter(name=["--lines", "-n"], help="How many of the last lines.")] = 50,
    follow: Annotated[bool, Parameter(name=["--follow", "-f"], help="Stay and show what comes.")] = False,
    home: HomeOption = None,
) -> None:
    """Show the last lines of the parts' logs.

    Args:
        part: database, prefect, portal, flows or worker; all of them when absent.
    """
    folder = Home((home or default_root()).absolute()).logs
    files = sorted(folder.glob("*.log")) if part is None else [folder / f"{part}.log"]
    missing = [file for file in files if not file.exists()]
    if missing or not files:
        known = ", ".join(sorted(file.stem for file in folder.glob("*.log"))) or "none"
        raise NotFoundError("log", part or folder, hint=f"there are: {known}")
    if follow:
        subprocess.run(["tail", "-n", str(lines), "-F", *map(str, files)], check=False)  # noqa: S607 (PATH's tail)
        return
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for file in files:
        if len(files) > 1:
            console.print(f"==> {file.stem} <==")
        with file.open(errors="replace") as text:
            for line in collections.deque(text, lines):
                console.out(line.rstrip("\n"))
