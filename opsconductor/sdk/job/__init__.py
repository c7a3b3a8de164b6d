"""Job documents: their model, their YAML, and what is wrong with them."""

from .binding import Declaration, bind_parameters
from .document import Block, JobDocument, Lanes, Need, Retry, Step, Strategy, Targets
from .parameters import Parameter
from .parsing import Reading, parse, parse_yaml, try_data, try_yaml
from .paths import Place, did_you_mean, path_of, printable
from .plain import children, is_list, is_mapping
from .reader import MAX_BYTES
from .salvage import UNKNOWN_ACTION
from .schema import json_schema
from .sentences import say
from .templates import is_template
from .writer import dump_yaml

__all__ = [
    "MAX_BYTES",
    "UNKNOWN_ACTION",
    "Block",
    "Declaration",
    "JobDocument",
    "Lanes",
    "Need",
    "Parameter",
    "Place",
    "Reading",
    "Retry",
    "Step",
    "Strategy",
    "Targets",
    "bind_parameters",
    "children",
    "did_you_mean",
    "dump_yaml",
    "is_list",
    "is_mapping",
    "is_template",
    "json_schema",
    "parse",
    "parse_yaml",
    "path_of",
    "printable",
    "say",
    "try_data",
    "try_yaml",
]
