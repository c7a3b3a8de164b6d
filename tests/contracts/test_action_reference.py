"""`docs/reference/actions.md` lists the built-in actions as the registry has them.

`python -m tests.contracts.test_action_reference` writes it anew.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from steplib.loader import load

from .test_job_reference import kind

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "actions.md"
HEAD = """# Actions

What the built-in libraries do; `opsconductor library list` also lists those that you installed.
Written from the registry by `python -m tests.contracts.test_action_reference`.

The **effect** of an action says what happens when nobody knows whether it ran: `read` and `idempotent` run again,
`once` never runs again by itself. A **dry run** says what would change; where there is none, a dry run of the job
shows the step as skipped.
"""


def table(title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n| {title} | type | default | meaning |\n|---|---|---|---|"
    for name, field in schema["properties"].items():
        required = name in schema.get("required", ()) and title == "argument"
        default = "required" if required else f"`{field['default']}`" if field.get("default") else ""
        yield f"| `{name}` | {kind(field)} | {default} | {field.get('description', '').replace('|', '&#124;')} |"


def action(entry: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n### {entry['ref']}\n\n{entry['summary']}\n"
    platforms = ", ".join(entry["platforms"]) or "any"
    dry = "has a dry run" if entry["supports_check"] else "has no dry run"
    yield f"Effect `{entry['effect']}`, scope `{entry['scope']}`, platforms {platforms}; {dry}."
    if entry["parameters"].get("properties"):
        yield from table("argument", entry["parameters"])
    if (entry["outputs"] or {}).get("properties"):
        yield from table("output", entry["outputs"])


def page() -> str:
    lines = [HEAD]
    library = ""
    for entry in load().catalogue():
        name = entry["ref"].split("/")[0]
        if name != library:
            lines.append(f"\n## {name}")
            library = name
        lines += action(entry)
    return "\n".join(lines) + "\n"


def test_the_page_lists_every_built_in_action() -> None:
    assert PAGE.read_text() == page()


if __name__ == "__main__":
    PAGE.write_text(page())
