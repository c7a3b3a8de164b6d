"""Which values hold `${{ … }}`."""

from typing import Any, cast


def is_template(value: Any) -> bool:
    """Whether a JSON value holds `${{ … }}` anywhere."""
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, dict):
        return any(is_template(inner) for inner in cast("dict[str, Any]", value).values())
    return isinstance(value, list) and any(is_template(inner) for inner in cast("list[Any]", value))
