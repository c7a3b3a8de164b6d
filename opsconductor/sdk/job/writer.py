"""Write a document as YAML, keeping what people wrote around it."""

from io import StringIO
from typing import Any

from .document import JobDocument
from .plain import is_list, is_mapping
from .reader import read_yaml

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
        return _written(_yaml(), _laid_out(data))
    if read_yaml(original).data == data:
        return original
    yaml = _yaml(original)
    tree = yaml.load(original)
    return _written(yaml, _merged(tree, data))


def _yaml(original: str | None = None) -> Any:
    from ruamel.yaml import YAML, util

    yaml: Any = YAML(typ="rt")
    yaml.width = _WIDTH
    yaml.preserve_quotes = True
    guess: Any = util
    indent, dash = (2, 0) if original is None else guess.load_yaml_guess_indent(original)[1:]
    offset = dash or 0
    yaml.indent(mapping=2, sequence=max(indent or 2, offset + 2), offset=offset)
    return yaml


def _written(yaml: Any, data: Any) -> str:
    stream = StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _laid_out(value: Any) -> Any:
    """The same value with short lists on one line."""
    from ruamel.yaml.comments import CommentedSeq

    if is_mapping(value):
        return {key: _laid_out(inner) for key, inner in value.items()}
    if not is_list(value) or any(is_mapping(inner) or is_list(inner) for inner in value):
        return [_laid_out(inner) for inner in value] if is_list(value) else value
    line: Any = CommentedSeq(value)
    line.fa.set_flow_style()
    return line


def _merged(old: Any, new: Any) -> Any:
    """The new value, in the old one's clothes where they fit."""
    if is_mapping(old) and is_mapping(new):
        return _merge_mapping(old, new)
    if is_list(old) and is_list(new):
        return _merge_list(old, new)
    return old if isinstance(old, type(new)) and old == new else new


def _merge_mapping(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    for key in [key for key in old if key not in new]:
        del old[key]
    for key, value in new.items():
        old[key] = _merged(old[key], value) if key in old else value
    return old


def _merge_list(old: list[Any], new: list[Any]) -> list[Any]:
    by_id = {item["id"]: item for item in old if is_mapping(item) and "id" in item}
    same_place = len(old) == len(new) and not by_id
    merged: list[Any] = []
    for index, item in enumerate(new):
        before = old[index] if same_place else by_id.get(item.get("id")) if is_mapping(item) else None
        merged.append(item if before is None else _merged(before, item))
    old[:] = merged
    return old
