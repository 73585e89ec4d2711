"""Evaluate one Terragrunt configuration file, with its references."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence

from ecs5lint.budget import Budget
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.parsers.terraform.callers.terragrunt.functions import DEFAULT_NAME, Directories, functions
from ecs5lint.parsers.terraform.language.alternatives import refusal
from ecs5lint.parsers.terraform.language.defaults import disregard
from ecs5lint.parsers.terraform.language.expressions import evaluate
from ecs5lint.parsers.terraform.language.functions.context import Context
from ecs5lint.parsers.terraform.language.scope import Scope, Step, Symbols
from ecs5lint.parsers.terraform.modules.run import Run
from ecs5lint.parsers.terraform.modules.template_scope import template_context
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block, Contents, read_file
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.json import read_json_items
from ecs5lint.parsers.terraform.syntax.nodes import Expression, GetAttribute
from ecs5lint.values.kinds import Assumption, Known, ObjectValue, Pair, Unknown, Value, known_text
from ecs5lint.values.traverse import assume_throughout

#: The deepest chain of configurations that include and read each other.
MAX_DEPTH = 12

#: The number of labels of each relevant block type.
LABELS = {
    "terraform": 0,
    "locals": 0,
    "include": 1,
    "dependency": 1,
    "generate": 1,
    "feature": 1,
    "unit": 1,
    "stack": 1,
    "extra_arguments": 1,
}


class Reader:
    """Reads the configurations of one unit, and records their paths. All units share the contents."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.paths: dict[str, None] = {}

    def contents(self, path: str) -> Contents:
        """Return the blocks and the arguments of a file. Raises Failure."""
        path = self.run.workspace.normalize(path)
        self.paths[path] = None
        known = self.run.modules.configurations
        if path not in known:
            known[path] = _contents(path, self.run.workspace)
        found = known[path]
        if isinstance(found, Failure):
            raise found.with_traceback(None)  # else its traceback would grow each time
        return found


def _contents(path: str, workspace: Workspace) -> Contents | Failure:
    try:
        if path.endswith(".json"):
            return Contents(read_json_items(workspace.read(path, "json"), LABELS, arguments=True))
        items, failures = read_file(workspace.read(path, "hcl"))
        return failures[0] if failures else Contents(items)
    except Failure as failure:
        return failure


class Config:
    """A configuration file, evaluated for a unit. `values` are the values from a stack."""

    def __init__(
        self, path: str, directories: Directories, reader: Reader, values: Value | None = None, depth: int = 0
    ) -> None:
        self.path = path
        self.reader = reader
        self.values = values
        self.depth = depth
        self.contents = reader.contents(path)
        self.includes: dict[str, Include] = {}
        self.directories = directories
        self.locals = self.contents.locals
        self.scope = ConfigScope(self)
        self._values: dict[str, Value | EvaluationError | None] = {}
        self._siblings: dict[Symbols, Config] = {}
        if directories.parent is None:
            self._include()

    def blocks(self, type: str) -> list[Block]:
        """Return the blocks of a type."""
        return self.contents.blocks.get(type, [])

    def block(self, type: str) -> Block | None:
        """Return the first block of a type, or None."""
        return next(iter(self.blocks(type)), None)

    def argument(self, name: str) -> Argument | None:
        """Return an argument at the top level of the file, or None."""
        return self.contents.arguments.get(name)

    def value_of(self, argument: Argument, scope: Scope | None = None) -> Value:
        """Return the value of an argument. It is unknown if it is refused or invalid."""
        try:
            return (scope or self.scope).evaluate(argument.expression)
        except EvaluationError as error:
            return refusal(error)._replace(span=error.span or argument.value_span)
        except NotKnown as error:
            return error.unknown
        except Failure as failure:
            self.reader.run.modules.fail(failure)
            return Unknown(f"{failure.path}:{failure.position[0]} cannot be parsed", argument.value_span)

    def local(self, name: str) -> Value:
        """Return the value of `local.name`. Raises EvaluationError."""
        argument = self.locals.get(name)
        if argument is None:
            raise EvaluationError(f"local.{name} is not declared in {self.path}")
        if name not in self._values:
            self._values[name] = None
            self._values[name] = self.reader.run.bounded(self.value_of(argument))
        value = self._values[name]
        if value is None:
            raise EvaluationError(f"local.{name} refers to itself")
        assert not isinstance(value, EvaluationError)
        return value

    def as_value(self) -> ObjectValue:
        """Return the value that another configuration gets when it reads this one."""
        span = None
        members = [Pair(Known("locals"), _object({name: self.local(name) for name in self.locals}))]
        inputs = self.argument("inputs")
        if inputs is not None:
            members.append(Pair(Known("inputs"), self.value_of(inputs)))
        terraform = self.block("terraform")
        source = terraform.argument("source") if terraform else None
        if source is not None:
            members.append(Pair(Known("terraform"), _object({"source": self.value_of(source)})))
        generated = self._generated()
        if generated.members:
            members.append(Pair(Known("generate"), generated))
        return ObjectValue(tuple(members), span)

    def _generated(self) -> ObjectValue:
        """Return the `generate` blocks, as another configuration reads them."""
        return _object(
            {
                "".join(block.labels): _object({item.name: self.value_of(item) for item in block.arguments()})
                for block in self.blocks("generate")
            }
        )

    def without_defaults(self, symbols: Symbols) -> Config:
        """Return this configuration with some defaults disregarded."""
        disregarded = self.directories.disregarded | symbols
        if disregarded not in self._siblings:
            directories = self.directories._replace(disregarded=disregarded)
            self._siblings[disregarded] = Config(self.path, directories, self.reader, self.values, self.depth)
        return self._siblings[disregarded]

    def read(self, path: str) -> Value:
        """Return another configuration as a value. Raises NotKnown."""
        if self.depth >= MAX_DEPTH:
            raise NotKnown(Unknown("configurations read each other too deeply"))
        directory = posixpath.dirname(path) or "."
        if not path.endswith((".hcl", ".hcl.json")):
            raise NotKnown(Unknown(f"{path} is not a Terragrunt configuration"))
        try:
            directories = Directories(
                directory, self.directories.original, {}, disregarded=self.directories.disregarded
            )
            return Config(path, directories, self.reader, depth=self.depth + 1).as_value()
        except Failure as failure:
            raise NotKnown(Unknown(f"{failure.path}:{failure.position[0]} cannot be read: {failure.message}")) from None

    def _include(self) -> None:
        """Find the files that this configuration includes."""
        workspace = self.reader.run.workspace
        for block in self.blocks("include"):
            name = block.labels[0] if block.labels else ""
            argument = block.argument("path")
            value = self.value_of(argument) if argument else Unknown("include has no path", block.span)
            text = known_text(value)
            include = Include(name, block, value, self)
            self.includes[name] = include
            if text is None:
                continue
            path = posixpath.join(self.directories.directory, text)
            if not workspace.is_inside(path):
                include.unknown = Unknown(f"{text} is outside the project root", block.span)
                continue
            include.path = workspace.normalize(path)
            included = {**self.directories.included, name: posixpath.dirname(include.path) or "."}
            self.directories = self.directories._replace(included=included)
            self.scope = ConfigScope(self)


class Include:
    """An `include` block: the file that it names, and its merge strategy."""

    def __init__(self, name: str, block: Block, value: Value, config: Config) -> None:
        self.name = name
        self.block = block
        self.path: str | None = None
        self.unknown = value if isinstance(value, Unknown) else Unknown("its path is unknown", block.span)
        self._config = config
        self._included: Config | None = None

    @property
    def strategy(self) -> str:
        """The merge strategy: `shallow`, `deep` or `no_merge`."""
        argument = self.block.argument("merge_strategy")
        text = known_text(self._config.value_of(argument)) if argument else None
        return text or "shallow"

    def included(self) -> Config | Unknown:
        """Return the included configuration, evaluated for the unit that includes it."""
        if self.path is None:
            return self.unknown
        if self._included is None:
            if self._config.depth >= MAX_DEPTH:
                return Unknown("configurations include each other too deeply", self.block.span)
            directories = self._config.directories._replace(parent=posixpath.dirname(self.path) or ".")
            try:
                config = self._config
                self._included = Config(self.path, directories, config.reader, config.values, config.depth + 1)
            except Failure as failure:
                return Unknown(
                    f"{failure.path}:{failure.position[0]} cannot be read: {failure.message}", self.block.span
                )
        return self._included


class ConfigScope(Scope):
    """The scope of expressions in a configuration."""

    def __init__(self, config: Config, names: Mapping[str, Value] = {}, turn: str = "") -> None:
        self.config = config
        self.names = names
        self._turn = turn

    @property
    def budget(self) -> Budget:
        return self.config.reader.run.budget

    def evaluate(self, expression: Expression) -> Value:
        self.config.reader.run.step()
        return evaluate(expression, self)

    def bind(self, names: Mapping[str, Value], turn: str) -> Scope:
        self.config.reader.run.step()
        return ConfigScope(self.config, {**self.names, **names}, f"{self._turn}/{turn}" if turn else self._turn)

    def key(self, text: str) -> str:
        return f"{self.config.path}|{self.config.directories.directory}|{self._turn}|{text}"

    def without_defaults(self, symbols: Symbols) -> Scope:
        names = {name: disregard(value, symbols) for name, value in self.names.items()}
        return ConfigScope(self.config.without_defaults(symbols), names, self._turn)

    def call_context(self, variables: Callable[[Scope], Value]) -> Context:
        config = self.config
        run = config.reader.run
        own = functions(config.directories, run.workspace, run.settings.environment, config.read, self.evaluate)
        # For Terraform's functions, paths are relative to the calling file. For Terragrunt's own functions, to the
        # unit.
        directory = config.directories.parent or config.directories.directory
        return template_context(self, run, variables)._replace(directory=directory, functions=own)

    def refer(self, root: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        name = steps[0].name if steps and isinstance(steps[0], GetAttribute) else None
        if name is None:
            values = self.config.values
            return (values, 0) if root == "values" and values is not None else None
        if root == "local":
            return self.config.local(name), 1
        if root == "values":
            values = self.config.values
            if values is None:
                return Unknown("values is set by a stack", symbol="values"), 0
            return values, 0
        if root == "include":
            return self._included(name)
        if root == "dependency":
            symbol = f"dependency.{name}"
            return Unknown(f"{symbol} is known only when the other unit is applied", symbol=symbol), 1
        if root == "feature":
            return self._feature(name), 1
        if root in ("unit", "stack", "terraform"):
            return Unknown(f"{root}.{name} is known only when Terragrunt runs", symbol=f"{root}.{name}"), 1
        return None

    def _included(self, name: str) -> tuple[Value, int]:
        """Return an included configuration: by its name, or the only one if its block has no label."""
        includes = self.config.includes
        include, taken = (includes.get(name), 1) if name in includes else (includes.get(""), 0)
        if include is None:
            raise EvaluationError(f"unknown include {name} in {self.config.path}")
        included = include.included()
        return (included if isinstance(included, Unknown) else included.as_value()), taken

    def _feature(self, name: str) -> Value:
        for block in self.config.blocks("feature"):
            argument = block.argument("default")
            if block.labels == (name,) and argument is not None:
                symbol = f"feature.{name}"
                if symbol in self.config.directories.disregarded:
                    return Unknown(f"{symbol} has no value but its default", argument.value_span, symbol=symbol)
                assumption = Assumption(symbol, f"{symbol} defaults to {argument.value_span.text}")
                value = assume_throughout(self.config.value_of(argument), frozenset({assumption}))
                return _object({"value": value})
        raise EvaluationError(f"unknown feature {name} in {self.config.path}")


def is_config(path: str) -> bool:
    """Tell whether a file may be a Terragrunt configuration, by its name."""
    name = posixpath.basename(path)
    return name in (DEFAULT_NAME, f"{DEFAULT_NAME}.json") or (name.endswith(".hcl") and not name.startswith("."))


def _object(members: Mapping[str, Value]) -> ObjectValue:
    return ObjectValue(tuple(Pair(Known(name), value) for name, value in members.items()))
