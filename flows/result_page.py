"""The result of a run as one page of Markdown."""

from flows.engine import Conclusion
from flows.ledger.record import RunRecord

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>()#+-!|~"} | {"\n": " "})


def result_page(run: RunRecord, conclusion: Conclusion) -> str:
    """What people read first: the outcome, how many targets ended how, and what failed and why."""
    lines = [f"# {_plain(run.job_name)}: {conclusion.outcome}", "", _plain(conclusion.summary), ""]
    if conclusion.targets:
        lines += ["| outcome | targets |", "|---|---:|"]
        lines += [f"| {outcome.label} | {count} |" for outcome, count in sorted(conclusion.targets.items())]
        lines.append("")
    if conclusion.failed:
        lines += ["| target | why |", "|---|---|"]
        lines += [f"| {_plain(name)} | {_plain(reason)} |" for name, reason in conclusion.failed]
        lines.append("")
    lines.append(f"Run {run.id}, version {run.job_version} of the job, asked for by {_plain(run.requested_by)}.")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return text.translate(_SPECIAL)
