"""Arguments that may be a lone `-`: standard input or output, or a run itself in the place of a target.

To the parser every word that begins with `-` is an option unless an argument takes such words.
"""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def _refuse_options(_: object, value: object) -> None:
    text = str(value)
    if text.startswith("-") and text != "-":
        raise ValueError(f"there is no option {text}; a file of such a name is ./{text}")


OR_DASH = Parameter(allow_leading_hyphen=True, validator=_refuse_options)
FileOrDash = Annotated[Path, OR_DASH]
TargetOrDash = Annotated[str, OR_DASH]
