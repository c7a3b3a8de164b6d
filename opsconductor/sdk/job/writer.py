"""Write a document as YAML, keeping what people wrote around it."""

import re
from io import StringIO
from typing import Any

from .document import JobDocument
from .plain import is_list, is_mapping
from .reader import read_yaml
from .template_document import TemplateDocument

_WIDTH = 120
_UNWRITTEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
"""Characters that a reader takes for line ends or leaves out, unless they are escaped."""


def dump_yaml(document: JobDocument, original: str | None = None) -> str:
    """The document as YAML 1.2.

    Args:
        document: What to write.
        original: The text it was read from before it was edited. Its comments, order and layout are kept
            wherever the document still says the same; steps are known by their ids.

    Raises:
        DocumentError: The original is not YAML that a document could have been read from.
    """
    return _dumped(document.to_data(), original)


def dump_template(template: TemplateDocument, original: str | None = None) -> str:
    """A template as YAML 1.2; `original` as in `dump_yaml`.

    Raises:
        DocumentError: The original is not YAML that a template could have been read from.
    """
    return _dumped(template.to_data(), original)


def _dumped(data: dict[str, Any], original: str | None) -> str:
    if original is None:
        return _written(_yaml(), _laid_out(data))
    if read_yaml(original).data == data:
        return original
    yaml = _yaml(original)
    edited = _written(yaml, _merged(yaml.load(original), data))
    # What the document says comes first: comments that stand in its way are given up.
    return edited if read_yaml(edited).data == data else _written(_yaml(), _laid_out(data))


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
    """The same value as it is written: short lists on one line, characters that move lines escaped."""
    from ruamel.yaml.comments import CommentedSeq
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if is_mapping(value):
        return {_laid_out(key): _laid_out(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return DoubleQuotedScalarString(value) if _UNWRITTEN.search(value) else value
    if not is_list(value):
        return value
    inner = [_laid_out(item) for item in value]
    if any(is_mapping(item) or is_list(item) for item in value):
        return inner
    line: Any = CommentedSeq(inner)
    line.fa.set_flow_style()
    return line


def _merged(old: Any, new: Any) -> Any:
    """The new value, in the old one's clothes where they fit."""
    if is_mapping(old) and is_mapping(new):
        return _merge_mapping(old, new)
    if is_list(old) and is_list(new):
        return _merge_list(old, new)
    # Numbers are written anew: the reader's own kinds of them do not always come out as they went in.
    return old if isinstance(old, str) and old == new else _laid_out(new)


def _merge_mapping(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    for key in [key for key in old if key not in new]:
        del old[key]
    for key, value in new.items():
        if key in old:
            old[key] = _merged(old[key], value)
        else:
            old[_laid_out(key)] = _laid_out(value)
    return old


def _merge_list(old: Any, new: list[Any]) -> Any:
    """Entries with an id are the same ones wherever they stand now; others are where their number is."""
    origins = _origins(old, new)
    merged = [_laid_out(item) if at is None else _merged(old[at], item) for at, item in zip(origins, new, strict=True)]
    comments = dict(old.ca.items)
    old[:] = merged
    old.ca.items.clear()
    old.ca.items.update({now: comments[at] for now, at in enumerate(origins) if at in comments})
    return old


def _origins(old: list[Any], new: list[Any]) -> list[int | None]:
    by_id = {item["id"]: index for index, item in enumerate(old) if is_mapping(item) and _is_text(item.get("id"))}
    if by_id:
        ids = [item.get("id") if is_mapping(item) else None for item in new]
        found = [by_id.pop(name, None) if _is_text(name) else None for name in ids]
        return list(found)
    return [index if index < len(old) else None for index in range(len(new))]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
