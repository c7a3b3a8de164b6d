"""Values made from values."""

from pydantic import BaseModel, JsonValue

from opsconductor.sdk.action import Result, StepContext, action


class Transformed(BaseModel):
    """The value an expression gave.

    Attributes:
        value: The value.
    """

    value: JsonValue


@action("transform", effect="read", scope="any")
async def transform(step: StepContext, *, value: JsonValue) -> Result[Transformed]:
    """Keep the value of an expression as this step's output.

    The work is done by the expression, which is evaluated before the step starts, such as
    `value: "${{ steps.hosts.data.filter(h, h.up).map(h, h.name) }}"`.

    Args:
        step: Where the step runs.
        value: Usually one expression; its result arrives with its type.
    """
    return Result.unchanged(f"value of type {_kind(value)}", Transformed(value=value))


def _kind(value: JsonValue) -> str:
    names = {
        "bool": "boolean",
        "int": "integer",
        "float": "number",
        "str": "string",
        "dict": "object",
        "NoneType": "null",
    }
    return names.get(type(value).__name__, "list")
