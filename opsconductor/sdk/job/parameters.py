"""Parameters that a job declares."""

import keyword
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .described import describe

ParameterType = Literal["string", "integer", "number", "boolean", "array", "object", "secret"]

CEL_WORDS = frozenset({
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
    "namespace", "null", "package", "return", "true", "var", "void", "while",
})  # fmt: skip
_FLOW_WORDS = frozenset({"run_id", "return_state", "wait_for", "model_config"})

BOUNDS_OF: dict[str, frozenset[str]] = {
    "string": frozenset({"pattern", "min_length", "max_length", "enum"}),
    "integer": frozenset({"minimum", "maximum", "enum"}),
    "number": frozenset({"minimum", "maximum", "enum"}),
    "boolean": frozenset(),
    "array": frozenset({"items", "min_items", "max_items"}),
    "object": frozenset(),
    "secret": frozenset(),
}
_ALL_BOUNDS = ("pattern", "min_length", "max_length", "minimum", "maximum", "enum", "items", "min_items", "max_items")
_IN_JSON_SCHEMA = {
    "min_length": "minLength", "max_length": "maxLength", "min_items": "minItems", "max_items": "maxItems",
}  # fmt: skip


def name_problem(name: str) -> str:
    """Why a name cannot be used in expressions and flow signatures; empty when it can."""
    if not name.isidentifier() or not name.isascii():
        return "names are letters, digits and `_`, and begin with a letter"
    if name.startswith("_"):
        return "names do not begin with `_`"
    if keyword.iskeyword(name):
        return f"`{name}` is a word of Python's grammar"
    if name in CEL_WORDS:
        return f"`{name}` is a reserved word in expressions"
    return f"`{name}` has a meaning of its own in flows" if name in _FLOW_WORDS else ""


class ValueSchema(BaseModel):
    """The type of a value and its bounds.

    Attributes:
        type: JSON type, or `secret`: a reference to a credential, whose value no document or run ever holds.
        pattern: Regular expression searched for in a string (anchor it with `^` and `$`), in RE2 syntax:
            without look-around and backreferences, so that matching takes linear time.
        min_length: Fewest characters of a string.
        max_length: Most characters of a string.
        minimum: Smallest number allowed.
        maximum: Largest number allowed.
        enum: The only values allowed.
        items: What an array holds.
        min_items: Fewest items of an array.
        max_items: Most items of an array.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, json_schema_extra=describe)

    type: ParameterType
    pattern: Annotated[str, Field(max_length=1000)] | None = None
    min_length: Annotated[int, Field(ge=0)] | None = None
    max_length: Annotated[int, Field(ge=0)] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    enum: Annotated[tuple[str | int | float, ...], Field(min_length=1, max_length=200, strict=False)] | None = None
    items: "ValueSchema | None" = None
    min_items: Annotated[int, Field(ge=0)] | None = None
    max_items: Annotated[int, Field(ge=0)] | None = None

    @property
    def given_bounds(self) -> dict[str, Any]:
        """The bounds that were given."""
        return {name: value for name in _ALL_BOUNDS if (value := getattr(self, name)) is not None}

    def json_schema(self) -> dict[str, Any]:
        """This type and its bounds as JSON Schema 2020-12."""
        if self.type == "secret":
            return {"type": "string", "format": "opsconductor-credential"}
        schema: dict[str, Any] = {"type": self.type}
        for name, bound in self.given_bounds.items():
            value = bound.json_schema() if isinstance(bound, ValueSchema) else bound
            schema[_IN_JSON_SCHEMA.get(name, name)] = list(bound) if name == "enum" else value
        return schema


Choice = str | int | float


class Parameter(ValueSchema):
    """A parameter of a job.

    Attributes:
        default: Value of a run that gives none; without it every run must give one.
        credential: For a secret: name of the credential of a run that gives none.
        choices_when: The values allowed for each value of another parameter, such as
            `{region: {eu: [fra, ams], us: [iad]}}`; a value of that one which is not named allows none.
        description: What it means, for people.
    """

    default: Any = None
    credential: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    choices_when: (
        Annotated[
            dict[
                str,
                Annotated[
                    dict[str, Annotated[tuple[Choice, ...], Field(min_length=1, max_length=200, strict=False)]],
                    Field(min_length=1, max_length=200),
                ],
            ],
            Field(min_length=1, max_length=1),
        ]
        | None
    ) = None
    description: Annotated[str, Field(max_length=2000)] = ""

    @property
    def required(self) -> bool:
        """Whether a run must give a value."""
        return "default" not in self.model_fields_set and self.credential is None

    @property
    def fallback(self) -> Any:
        """What a run that gives no value has; for a secret the name of a credential."""
        return self.default if self.credential is None else self.credential

    def json_schema(self) -> dict[str, Any]:
        """This type and its bounds as JSON Schema 2020-12; of choices that depend on another value, all of them."""
        schema = super().json_schema()
        if self.choices_when and "enum" not in schema:
            rows = next(iter(self.choices_when.values())).values()
            schema["enum"] = list(dict.fromkeys(choice for row in rows for choice in row))
        return schema
