"""Evaluate a source that is an expression, before the callers of its module are known."""

from __future__ import annotations

import re

from ecs5lint.location import Failure
from ecs5lint.parsers.terraform.modules.child_modules import source_value
from ecs5lint.parsers.terraform.modules.configuration import Module, ModuleTree
from ecs5lint.parsers.terraform.modules.inputs import RootInputs
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope, Origin
from ecs5lint.parsers.terraform.modules.references import LANGUAGE
from ecs5lint.parsers.terraform.modules.run import Modules, Run
from ecs5lint.parsers.terraform.modules.variables import given_values
from ecs5lint.parsers.terraform.syntax.blocks import Block
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import known_text

_VARIABLE = re.compile(r"\b(?:var|each|local|module|data)\b")


def possible_sources(module: Module, call: Block, tree: ModuleTree, settings: Settings) -> tuple[list[str], bool]:
    """Return the possible sources of a call, and whether these are all."""
    run = Run(Modules(tree, settings), module.directory)
    given, _ = given_values([module.directory], tree.workspace, settings)
    origin = Origin(directories=(module.directory,))
    try:
        value = source_value(ModuleScope(module, run, RootInputs(given), origin, LANGUAGE), call)
        texts = [known_text(leaf) for _, leaf in leaves(value)]
    except (TooManyAlternatives, Failure, RecursionError):
        return [], False
    argument = call.argument("source")
    refers = argument is not None and _VARIABLE.search(argument.value_span.text) is not None
    return [text for text in texts if text is not None], None not in texts and not refers
