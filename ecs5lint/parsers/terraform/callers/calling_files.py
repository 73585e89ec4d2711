"""Read files that call modules but are no modules: Terragrunt's units and stacks, and Terraform Stacks."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from contextlib import suppress

from ecs5lint.files.kinds import mentions_ecs
from ecs5lint.files.workspace import project_root
from ecs5lint.location import Failure, Span
from ecs5lint.model.form import Form, snake_case
from ecs5lint.model.resource import Subject, with_unlisted
from ecs5lint.model.task_definition import Call, TaskDefinition, Unresolved
from ecs5lint.notices import Notice
from ecs5lint.parsers.terraform.callers.calls import Calls, PossibleCall, from_package
from ecs5lint.parsers.terraform.callers.lost_calls import lost_calls
from ecs5lint.parsers.terraform.callers.stacks import StackConfiguration, is_stack_file, stack_calls, stack_definitions
from ecs5lint.parsers.terraform.callers.terragrunt.config import Reader
from ecs5lint.parsers.terraform.callers.terragrunt.stacks import STACK_NAME, MissingUnit, units_of_stack
from ecs5lint.parsers.terraform.callers.terragrunt.units import (
    Arguments,
    Unit,
    known_source,
    local_source,
    terraform_source,
)
from ecs5lint.parsers.terraform.callers.terragrunt.written import blocks_of, unknown_variables, values_of
from ecs5lint.parsers.terraform.modules.configuration import Module, ModuleTree, read_module, source_files
from ecs5lint.parsers.terraform.modules.inputs import RootInputs
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope, Origin
from ecs5lint.parsers.terraform.modules.not_installed import (
    is_suspect,
    may_concern_ecs,
    may_have,
    may_have_task_definitions,
    skipped,
)
from ecs5lint.parsers.terraform.modules.references import LANGUAGE
from ecs5lint.parsers.terraform.modules.run import Modules, Run
from ecs5lint.parsers.terraform.modules.sources import (
    META_ARGUMENTS,
    inputs,
    local_path,
    source_text,
    why_unknown,
)
from ecs5lint.parsers.terraform.modules.variables import Given, automatic_files, given_values, unread_variables
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block, Item
from ecs5lint.parsers.terraform.syntax.nodes import Evaluated, Literal
from ecs5lint.parsers.terraform.task_definitions import ecs_resources
from ecs5lint.settings.settings import Settings
from ecs5lint.values.alternatives import Case, leaves, lift
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import ABSENT, Absent, Choice, ObjectValue, Pair, Text, Unknown, Value, known_text
from ecs5lint.values.members import nested_member

#: The prefixes of files that certainly call modules.
_CALLS_BY_NAME = ("terragrunt.hcl", STACK_NAME)


def definitions_of_file(run: Run, parts: set[str]) -> list[Subject]:
    """Return the resources of everything that a file calls.

    Adds the files it reads to `parts`. Raises Failure.
    """
    if is_stack_file(run.caller):
        return stack_definitions(run)
    reader = Reader(run)
    found: list[Subject] = []
    for unit in _units(run.caller, reader):
        if isinstance(unit, MissingUnit):
            found += _missing(unit, run)
        else:
            found += unit_definitions(unit, run)
            parts.update(option for option in unit.arguments().options if isinstance(option, str))
    parts.update(reader.paths)
    return found


def calls_of_file(path: str, tree: ModuleTree, settings: Settings) -> Calls:
    """Return the calls of a file, as a node of the call graph."""
    run = Run(Modules(tree, settings), os.path.dirname(path) or ".", path)
    reader = Reader(run)
    try:
        if is_stack_file(path):
            return stack_calls(path, run)
        found = [
            Calls(concerns_ecs=_may_concern_ecs(unit)) if isinstance(unit, MissingUnit) else unit_calls(unit, run)
            for unit in _units(path, reader)
        ]
    except Failure as failure:
        text = failure.span.source.text if failure.span else ""
        return Calls(
            possible=tuple(lost_calls([Failure("", path), failure], os.path.dirname(path), tree.workspace)),
            concerns_ecs=mentions_ecs(text),
            is_unread=os.path.basename(path).startswith(_CALLS_BY_NAME),
        )
    is_stack = os.path.basename(path) == STACK_NAME
    included = (name for calls in found for name in calls.included)
    return Calls(
        tuple(target for calls in found for target in calls.local),
        tuple(call for calls in found for call in calls.possible),
        any(calls.concerns_ecs for calls in found),
        # The files that a stack reads are the units that it creates.
        included=tuple(name for name in reader.paths if name != path) if is_stack else tuple(included),
    )


def files_read(path: str, tree: ModuleTree, settings: Settings) -> list[str]:
    """Return the configurations that determine the calls of a file and their inputs."""
    run = Run(Modules(tree, settings), os.path.dirname(path) or ".", path)
    reader = Reader(run)
    try:
        if is_stack_file(path):
            return StackConfiguration(posixpath.dirname(path) or ".", run).files
        for unit in _units(path, reader):
            if isinstance(unit, Unit):
                unit.source(), unit.inputs(), unit.arguments()
    except Failure:
        pass
    return [path, *reader.paths]


def _units(path: str, reader: Reader) -> Iterator[Unit | MissingUnit]:
    """Yield the units of a file: the file itself, or the units of a stack. Raises Failure."""
    reader.run.root = os.path.dirname(path) or "."
    if os.path.basename(path) == STACK_NAME:
        yield from units_of_stack(path, reader)
    else:
        yield Unit(path, reader)


def _missing(unit: MissingUnit, run: Run) -> list[Subject]:
    """Return resources that represent those of a unit missing from the tree, if it may concern ECS."""
    text = known_source(unit.source)
    what = text or "an unknown source"
    unknown = Unknown(f"unit {unit.name} comes from {what}, which is not in the tree", unit.span)
    found = _unknown(f"unit {unit.name}", unit.span, (), unknown, run)
    return (
        found if text is None else _likely(found, UnitCall(unit.name, unit.span, unit.values, text), text, unknown, run)
    )


def _may_concern_ecs(unit: MissingUnit) -> bool:
    text = known_source(unit.source)
    return text is None or may_concern_ecs(UnitCall(unit.name, unit.span, unit.values, text), text)


def unit_definitions(unit: Unit, run: Run) -> list[Subject]:
    """Return the resources that a unit creates."""
    run.root = unit.directory
    run.start()
    source = unit.source()
    try:
        alternatives = leaves(source)
    except TooManyAlternatives:
        alternatives = [((), Unknown("it has too many alternatives to evaluate", unit.span))]
    return [item for case, leaf in alternatives for item in _of_source(unit, case, leaf, run)]


def _of_source(unit: Unit, case: Case, source: Value, run: Run) -> list[Subject]:
    text, name = known_source(source), _call(unit, run).name
    if isinstance(source, Absent):
        return _of_directory(unit, case, unit.files_directory, source, run)
    if text is None:
        reason = f"the source of {name} is unknown: {why_unknown(source).reason}"
        return _unknown(name, unit.span, case, Unknown(reason, unit.span), run)
    directory = local_source(unit, text, run)
    if directory is None:
        return _from_elsewhere(unit, case, text, source, run)
    if not run.workspace.is_inside(directory):
        return _not_there(unit, case, text, f"{name} runs {text}, which is outside the project root", run)
    if not run.module(directory).files:
        return _not_there(unit, case, text, f"{name} runs {directory}, which has no Terraform files", run)
    return _of_directory(unit, case, directory, source, run)


def _of_directory(unit: Unit, case: Case, directory: str, source: Value, run: Run) -> list[Subject]:
    """Return the resources of a module that a unit runs. Terragrunt copies the unit's files into the module."""
    layers = [directory] if directory == unit.files_directory else [directory, unit.files_directory]
    found: list[Subject] = []
    module = _with_own_files(unit, directory, list(_generated(unit, case, found, run)), run)
    for failure in module.failures:
        run.modules.fail(failure)
    run.modules.enter(directory, run.caller)
    given, unknown = _given(unit, module, layers, run)
    run.root = directory
    origin = Origin(
        directories=(directory,),
        calls=(_call(unit, run),),
        case=case,
        assumptions=source.assumptions,
    )
    scope = ModuleScope(module, run, RootInputs(given, unknown), origin, LANGUAGE)
    return found + ecs_resources(scope)


def _with_own_files(unit: Unit, directory: str, generated: list[Item], run: Run) -> Module:
    """Return the module in a directory with the files of a unit. Units without such files share the module."""
    own = [] if directory == unit.files_directory else [unit.files_directory]
    if own and not generated and not source_files(run.workspace.entries(unit.files_directory)):
        return run.module(directory)
    module = read_module(directory, run.workspace, own)
    for item in generated:
        module.declare(item)
    return module


def _generated(unit: Unit, case: Case, found: list[Subject], run: Run) -> Iterator[Item]:
    """Yield the blocks that a unit generates. Adds unknown ones to `found`."""
    try:
        for item in blocks_of(unit.written()):
            if isinstance(item, Unknown):
                found += _unknown(_call(unit, run).name, unit.span, case, item, run)
            else:
                yield item
    except Failure as failure:
        run.modules.fail(failure)


def _given(unit: Unit, module: Module, layers: list[str], run: Run) -> tuple[dict[str, Given], dict[str, Unknown]]:
    """Return the values of the variables of a module that a unit runs, and the unknown variables."""
    inputs, arguments = unit.inputs(), unit.arguments()
    environment: dict[str, Given] = {}
    for name in module.variables:
        for value in (nested_member(inputs, name), arguments.environment.get(name, ABSENT)):
            if not isinstance(value, Absent):
                environment[name] = Given(lift(_set, value), is_from_environment=True)
    written = _written_values(unit, layers, arguments, run)
    given, failures = given_values(layers, run.workspace, run.settings, environment, arguments.options, written)
    for failure in failures:
        run.modules.fail(failure)
    if arguments.unknown:
        return given, dict.fromkeys(module.variables, arguments.unknown[0])
    return given, {**unread_variables(module.variables, given, failures), **unknown_variables(unit.written())}


def _written_values(unit: Unit, layers: list[str], arguments: Arguments, run: Run) -> dict[str, dict[str, Given]]:
    """Return the values in the variable files that a unit generates. Adds unknown files to `arguments`."""
    there = {os.path.basename(path) for path in automatic_files(layers, run.workspace)}
    known: dict[str, dict[str, Given]] = {}
    try:
        for name, values in values_of(unit.written(), there).items():
            if isinstance(values, Unknown):
                arguments.unknown.append(values)
            else:
                known[name] = values
    except Failure as failure:
        run.modules.fail(failure)
    return known


def _set(value: Value) -> Value:
    return Unknown("it is not set in every case", value.span) if isinstance(value, Absent) else value


def _from_elsewhere(unit: Unit, case: Case, text: str, source: Value, run: Run) -> list[Subject]:
    """Return the resources of a module outside the tree. The unit acts as a module that calls it."""
    call = _as_call(unit, text)
    module = Module(unit.directory)
    found: list[Subject] = []
    for item in _generated(unit, case, found, run):
        module.declare(item)
    module.calls[call.labels[0]] = call
    origin = Origin(directories=(unit.directory,), calls=(_call(unit, run),), case=case, assumptions=source.assumptions)
    return found + ecs_resources(ModuleScope(module, run, RootInputs({}), origin, LANGUAGE))


def _not_there(unit: Unit, case: Case, text: str, reason: str, run: Run) -> list[Subject]:
    """Return the resources, or the notice, for a module whose directory is missing or can't be read."""
    unknown = Unknown(reason, unit.span)
    found = _unknown(_call(unit, run).name, unit.span, case, unknown, run)
    return _likely(found, _as_call(unit, text), text, unknown, run)


def _likely(subjects: list[Subject], call: Block, source: str, unknown: Unknown, run: Run) -> list[Subject]:
    """Return those of some unknown resources that a missing module is likely to have. Accounts for all of them."""
    if may_concern_ecs(call, source):
        run.modules.skipped.add(skipped(unknown.reason, call.span, run.settings.reads))
    definition, *others = subjects
    found = [item for item in others if may_have(item.type, call, source)]
    if may_have_task_definitions(call, source):
        return [definition, *found]
    if is_suspect(call, source):
        text = f"skipped: {unknown.reason}; it may define containers"
        run.modules.notices.append(Notice(text, call.span.path, call.span))
    return found


def _unknown(name: str, span: Span, case: Case, unknown: Unknown, run: Run) -> list[Subject]:
    """Return a resource of each type that represents unknown ones, a task definition first."""
    definition = TaskDefinition(
        source="terraform",
        address=name,
        location=span,
        containers=(),
        unresolved=(Unresolved(case, unknown),),
        operating_system_family=ABSENT,
        case=case,
        form=Form(snake_case),
        read=lambda _: unknown,
    )
    return list(with_unlisted(definition, run.settings.reads.resources))


def _call(unit: Unit, run: Run) -> Call:
    """Return the name of a unit in reports: its directory within the project, regardless of the working directory."""
    root = project_root(os.path.realpath(run.workspace.own_name(unit.files_directory)))
    name = os.path.relpath(os.path.abspath(unit.directory), root).replace(os.sep, "/")
    return Call(f"unit {name}", unit.span)


def _as_call(unit: Unit, text: str) -> UnitCall:
    return UnitCall(os.path.basename(os.path.abspath(unit.directory)), unit.span, unit.inputs(), text)


class UnitCall(Block):
    """A unit, represented as the `module` block that calls the same module with the same inputs."""

    def __init__(self, name: str, span: Span, inputs: Value, text: str) -> None:
        super().__init__("module", (name,), span, [])
        self._inputs = inputs
        source, version = terraform_source(text)
        self._own = {name: value for name, value in (("source", source), ("version", version)) if value}

    def argument(self, name: str) -> Argument | None:
        """Return the value that the unit sets for a variable, or its source or version."""
        if name in self._own:
            return Argument(name, self.span, self.span, Literal(self._own[name], self.span))
        value = ABSENT if name in META_ARGUMENTS else nested_member(self._inputs, name)
        return None if isinstance(value, Absent) else Argument(name, self.span, self.span, Evaluated(value, self.span))

    def arguments(self) -> list[Argument]:
        """Return all inputs with known names."""
        found = (self.argument(name) for name in input_names(self._inputs))
        return [argument for argument in found if argument]


def input_names(inputs: Value) -> frozenset[str]:
    """Return the known names of the inputs."""
    if isinstance(inputs, Choice):
        return frozenset().union(*(input_names(arm.value) for arm in inputs.arms))
    if not isinstance(inputs, ObjectValue):
        return frozenset()
    names = (known_text(item.key) for item in inputs.members if isinstance(item, Pair))
    return frozenset(name for name in names if name is not None)


def unit_calls(unit: Unit, run: Run) -> Calls:
    """Return the calls of a unit, for the call graph."""
    run.root = unit.directory
    included = tuple(include.path for include in unit.config.includes.values() if include.path)
    mentions = _generates_containers(unit)
    try:
        leaves_ = leaves(unit.source())
    except TooManyAlternatives:
        leaves_ = [((), Unknown("it has too many alternatives"))]
    local: list[str] = []
    possible: list[PossibleCall] = []
    for _, leaf in leaves_:
        text = known_source(leaf)
        directory = unit.files_directory if isinstance(leaf, Absent) else text and local_source(unit, text, run)
        called = list(_generated_calls(unit, directory or unit.directory, run))
        local += [target for target in called if isinstance(target, str)]
        possible += [call for call in called if isinstance(call, PossibleCall)]
        if directory and run.module(directory).files:
            local.append(directory)
        elif text is not None:
            mentions = mentions or may_concern_ecs(_as_call(unit, text), text)
            call = _possible_call(unit, leaf, run)
            # The inputs of a unit rule nothing out, and a module of a registry is rarely one of this tree.
            if not text.startswith("tfr:"):
                possible += from_package(call.name, call.span, call.inputs, text, is_strict=False)
        elif not isinstance(leaf, Absent):
            mentions = True
            possible.append(_possible_call(unit, leaf, run))
    return Calls(tuple(local), tuple(possible), mentions, included=included)


def _generated_calls(unit: Unit, directory: str, run: Run) -> Iterator[str | PossibleCall]:
    """Yield the modules that the generated blocks of a unit call. The unit runs in `directory`."""
    with suppress(Failure):
        for item in blocks_of(unit.written()):
            if not isinstance(item, Block) or item.type != "module" or not item.labels:
                continue
            source = source_text(item)
            target = source and local_path(directory, source, run.workspace)
            if target and run.module(target).files:
                yield target
            elif source is None:
                yield PossibleCall(f"module.{item.labels[0]}", item.span, inputs(item))


def _possible_call(unit: Unit, source: Value, run: Run) -> PossibleCall:
    """Return the call of a unit with an unknown source, and all variables that it sets."""
    inputs, arguments, call = unit.inputs(), unit.arguments(), _call(unit, run)
    given, _ = given_values([unit.files_directory], run.workspace, run.settings, {}, arguments.options)
    names = input_names(inputs).union(given, arguments.environment)
    sets_more = bool(arguments.unknown) or not _is_known(inputs)
    return PossibleCall(call.name, call.span, names, is_strict=False, ending=_ending(source), sets_more=sets_more)


def _is_known(inputs: Value) -> bool:
    """Tell whether the names of all inputs are known."""
    if not isinstance(inputs, ObjectValue):
        return False
    return all(isinstance(item, Pair) and known_text(item.key) is not None for item in inputs.members)


def _generates_containers(unit: Unit) -> bool:
    return any(
        "ecs_task_definition" in block.span.text for config in unit.configs for block in config.blocks("generate")
    )


def _ending(value: Value) -> str:
    """Return the known end of a text."""
    last = value.parts[-1] if isinstance(value, Text) else None
    return (known_text(last) or "") if last is not None else ""
