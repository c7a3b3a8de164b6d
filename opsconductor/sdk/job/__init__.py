"""Job documents: their model, their YAML, and what is wrong with them."""

from .binding import Declaration, bind_parameters
from .document import Block, JobDocument, Lanes, Need, Retry, Step, Strategy, Targets
from .form import parameters_schema
from .parameters import Parameter
from .parsing import Reading, parse, parse_yaml, try_data, try_yaml
from .paths import Place, did_you_mean, path_of, printable
from .plain import children, is_list, is_mapping
from .reader import MAX_BYTES
from .salvage import UNKNOWN_ACTION
from .schema import json_schema, template_json_schema
from .sentences import say
from .template_document import (
    TEMPLATES,
    TemplateDocument,
    TemplateReading,
    parse_template,
    parse_template_ref,
    template_ref,
    template_refs,
    try_template_data,
    try_template_yaml,
)
from .templates import is_template
from .values import value_problems
from .writer import dump_template, dump_yaml

__all__ = [
    "MAX_BYTES",
    "TEMPLATES",
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
    "TemplateDocument",
    "TemplateReading",
    "bind_parameters",
    "children",
    "did_you_mean",
    "dump_template",
    "dump_yaml",
    "is_list",
    "is_mapping",
    "is_template",
    "json_schema",
    "parameters_schema",
    "parse",
    "parse_template",
    "parse_template_ref",
    "parse_yaml",
    "path_of",
    "printable",
    "say",
    "template_json_schema",
    "template_ref",
    "template_refs",
    "try_data",
    "try_template_data",
    "try_template_yaml",
    "try_yaml",
    "value_problems",
]
