"""What editors show beside the keys of a document: the models' own docstrings."""

import inspect
from typing import Any

from pydantic import BaseModel

from opsconductor.sdk._docstring import section


def describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put what a model's docstring and those of its bases say of each attribute into its JSON Schema.

    Args:
        schema: The model's schema; it is changed.
        model: The model.
    """
    said: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if base is not BaseModel and issubclass(base, BaseModel):
            said |= section(base.__doc__ or "", "Attributes")
    for name, field in model.model_fields.items():
        shown = schema.get("properties", {}).get(field.alias or name)
        if shown is not None and name in said:
            shown["description"] = said[name]
    schema["description"] = inspect.cleandoc(model.__doc__ or "").split("\n\nAttributes:")[0]
