"""Random targets, as an export holds them."""

import string
from typing import Any

from hypothesis import strategies as st

from portal.inventory.formats.rows import Export, Exported
from portal.inventory.formats.withheld import without_secrets

_WORD = string.ascii_letters + string.digits
labels = st.text(_WORD + "_-./@", min_size=1, max_size=12).map(lambda text: f"a{text}")
names = st.text(_WORD + "-.", min_size=1, max_size=12).map(lambda text: f"h{text}x")
texts = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20
) | st.sampled_from(
    ["yes", "no", "null", "~", "5", "1e3", "true", "-1", "=1+1", "@x", "'", "'=x", '"', "a b", "a=b", "#x", "a #b",
     "", "[1]", "{}", "None", "True", "1_000", "0x10", "007", "2024-01-31", "a: b", "- a", "*a", "&a", "!a", "x\ny",
     "\u2028", "\x85", " lead", "trail ", "{{ x }}", "%", "\ufeffx", "é", "🎉"],
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False, width=32) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts.filter(bool), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
variables = st.dictionaries(
    st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True).filter(lambda name: not name.startswith("ansible_")),
    values,
    max_size=4,
).map(lambda found: without_secrets(found)[0])
lines = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=20).filter(
    lambda text: text == text.strip() and text != ""
)


@st.composite
def targets(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """The fields of a target that differ from those of a new one."""
    optional: dict[str, Any] = {
        "port": st.integers(1, 65535),
        "platform": st.sampled_from(["windows", "unix"]),
        "description": lines,
        "tags": st.lists(labels, min_size=1, max_size=3, unique=True),
        "credential": st.sampled_from(["root", "web team"]),
        "host_keys": st.lists(st.sampled_from(["ssh-ed25519 AAAA", "ssh-rsa BBBB"]), min_size=1, unique=True),
        "variables": variables.filter(bool),
    }
    fields = {key: draw(strategy) for key, strategy in optional.items() if draw(st.booleans())}
    address = draw(st.sampled_from([name, "10.0.0.1", "2001:db8::1"]))
    groups = draw(st.lists(st.sampled_from(["web", "db", "eu"]), unique=True, max_size=2))
    return {"name": name, "address": address, **fields, **({"groups": sorted(groups)} if groups else {})}


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """Some targets, their groups nested in each other."""
    found = draw(st.lists(names, unique_by=str.lower, min_size=1, max_size=4))
    rows = [Exported(draw(targets(name)), draw(st.sampled_from(["", "ops"]))) for name in found]
    used = {group for row in rows for group in row.fields.get("groups", ())}
    above = {group: sorted({"site"} if draw(st.booleans()) else set()) for group in sorted(used)}
    if any(above.values()):
        above["site"] = []
    return Export(rows, above)
