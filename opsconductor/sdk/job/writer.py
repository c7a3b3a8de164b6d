"""Write a document as YAML, keeping what people wrote around it."""

from io import StringIO
from typing import TYPE_CHECKING, Any, cast

from .document import JobDocument
from .reader import read_yaml

if TYPE_CHECKING:
    from ruamel.yaml import YAML

_WIDTH = 120


def dump_yaml(document: JobDocument, original: str | None = None) -> str:
    """The document as YAML 1.2.

    Args:
        document: What to write.
        original: The text it was read from before it was edited. Its comments, order and layout are kept
            wherever the document still says the same; steps are known by their ids.

    Raises:
        DocumentError: The original is not YAML that a document could have been read from.
    """
    data = document.to_data()
    if original is None:
        return _written(_yaml(), data)
    if read_yaml(original).data == data:
        return original
    yaml = _yaml(original)
    tree = yaml.load(original)
    return _written(yaml, _merged(tree, data))


def _yaml(original: str | None = None) -> "YAML":
    from ruamel.yaml import YAML
    from ruamel.yaml.util import load_yaml_guess_indent

    yaml = YAML(typ="rt")
    yaml.width = _WIDTH
    yaml.preserve_quotes = True
    indent, dash = (2, 0)
    if original is not None:
        _, indent, dash = load_yaml_guess_indent(original)
    sequence = indent or 2
    offset = dash or 0
    yaml.indent(mapping=2, sequence=max(sequence, offset + 2), offset=offset)
    return yaml


def _written(yaml: "YAML", data: Any) -> str:
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _merged(old: Any, new: Any) -> Any:
    """The new value, in the old one's clothes where they fit."""
    if isinstance(old, dict) and isinstance(new, dict):
        return _merge_mapping(cast("dict[str, Any]", old), cast("dict[str, Any]", new))
    if isinstance(old, list) and isinstance(new, list):
        return _merge_list(cast("list[Any]", old), cast("list[Any]", new))
    return old if type(new) in type(old).__mro__ and old == new else new


def _merge_mapping(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    for key in [key for key in old if key not in new]:
        del old[key]
    for key, value in new.items():
        old[key] = _merged(old[key], value) if key in old else value
    return old


def _merge_list(old: list[Any], new: list[Any]) -> list[Any]:
    by_id = {item["id"]: item for item in old if isinstance(item, dict) and "id" in item}
    same_place = len(old) == len(new)
    merged: list[Any] = []
    for index, item in enumerate(new):
        known = by_id.get(cast("dict[str, Any]", item).get("id")) if isinstance(item, dict) else None
        before = known if known is not None else old[index] if same_place and not by_id else None
        merged.append(item if before is None else _merged(before, item))
    old[:] = merged
    return old
