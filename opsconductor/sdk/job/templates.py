"""Which values hold `${{ … }}`."""

from typing import Any

from .plain import children


def is_template(value: Any) -> bool:
    """Whether a JSON value holds `${{ … }}` anywhere."""
    if isinstance(value, str):
        return "${{" in value
    return any(is_template(inner) for inner in children(value).values())
