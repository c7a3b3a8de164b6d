"""Targets on which a step came to the same: what a person reads once instead of five thousand times."""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from opsconductor.sdk.outcome import Outcome

from .repository import BATCH, Example, Named, OutputRepository, Same
from .schemas import OutputGroup

NORMALISED_BYTES = 64 * 1024 * 1024
"""So much text is compared without the targets' own names; what is beyond is compared byte for byte."""

_SHOWN = 4096
_ENDS = re.compile(r"[ \t\r]+$", re.MULTILINE)
_Key = tuple[int | None, int | None, bytes]
_NOTHING = Example("", "", 0, 0)


@dataclass(slots=True)
class _Group:
    first: Same
    example: Example
    target_ords: list[int] = field(default_factory=list[int])


async def group_outputs(
    outputs: OutputRepository, run_id: UUID, step_ord: int, names: Mapping[int, Named]
) -> list[OutputGroup]:
    """Groups by outcome, exit code and output, trouble first, then the largest."""
    same = await outputs.list_same(run_id, step_ord)
    groups: dict[_Key, _Group] = {}
    left = NORMALISED_BYTES
    for start in range(0, len(same), BATCH):
        batch = same[start : start + BATCH]
        examples = await outputs.list_examples(run_id, step_ord, [one for one in batch if one.printed])
        # Comparing megabytes would hold up everybody else of this process.
        left = await asyncio.to_thread(_sort, batch, examples, names, groups, left)
    found = [_read(group, names) for group in groups.values()]
    return sorted(found, key=lambda group: (_good(group.outcome), -group.count, group.targets))


def _sort(
    batch: Sequence[Same],
    examples: Mapping[int, Example],
    names: Mapping[int, Named],
    groups: dict[_Key, _Group],
    left: int,
) -> int:
    """Put a batch into its groups; gives how much text may still be compared without names."""
    for one in batch:
        example = examples.get(one.target_ords[0], _NOTHING)
        left -= len(example.stdout) + len(example.stderr)
        key = _key(one, example, names.get(one.target_ords[0]) if left > 0 else None)
        if key not in groups:
            groups[key] = _Group(one, example._replace(stdout=example.stdout[:_SHOWN], stderr=example.stderr[:_SHOWN]))
        groups[key].target_ords += one.target_ords
    return left


def normalised(text: str, own: Named) -> str:
    """The text without what differs from target to target: its name and address, blanks at the ends of lines."""
    words = sorted({own.name, own.address, own.name.split(".")[0]}, key=len, reverse=True)
    pattern = "|".join(re.escape(word) for word in words if word)
    return _ENDS.sub("", re.sub(rf"(?<![\w.-])(?:{pattern})(?![\w-])", "\N{WHITE SQUARE}", text, flags=re.IGNORECASE))


def _key(one: Same, example: Example, own: Named | None) -> _Key:
    # What printed nothing is told apart by its summary: why it failed.
    stdout, stderr = (example.stdout, example.stderr) if one.printed else (one.summary, "")
    if own is not None:
        stdout, stderr = normalised(stdout, own), normalised(stderr, own)
    # A thousand different outputs are compared, not kept.
    digest = hashlib.sha256(f"{len(stdout)} {stdout}{stderr}".encode()).digest()
    return one.outcome, one.exit_code, digest


def _read(group: _Group, names: Mapping[int, Named]) -> OutputGroup:
    ords = sorted(group.target_ords)
    return OutputGroup(
        outcome=None if group.first.outcome is None else Outcome(group.first.outcome).label,
        exit_code=group.first.exit_code,
        summary=group.first.summary,
        count=len(ords),
        targets=[names[ord_].name for ord_ in ords if ord_ in names],
        stdout=group.example.stdout,
        stderr=group.example.stderr,
        stdout_bytes=group.example.stdout_bytes,
        stderr_bytes=group.example.stderr_bytes,
    )


def _good(outcome: str | None) -> bool:
    return outcome is None or Outcome[outcome.upper()].good


def step_names(names: Sequence[str]) -> str:
    """Names of steps, for a hint."""
    return ", ".join(names) or "none"
