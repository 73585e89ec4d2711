"""Read the declarations of a module from the files of its directory.

https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from ecs5lint.files.kinds import MODULE_SUFFIXES
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block, Contents, Item, read_file
from ecs5lint.parsers.terraform.syntax.json import read_json_items

_OVERRIDE = re.compile(r"(?:.*_)?override\.(?:tf|tofu)(?:\.json)?")

#: Words in each call of a function whose result may differ between two calls, and in each call of a template with one.
_CHANGING = ("bcrypt", "provider::", "templatefile", "templatestring", "timestamp", "uuid")

Address = tuple[str, str]


class Module:
    """A module directory: its declarations, and the failures of its files.

    Each declaration is stored by name (a resource by its type and name) and parsed only on use. Terraform refuses two
    declarations with the same name. A directory of separate examples, which is no real module, may have some:
    `redeclared` has the resources that are declared again.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.variables: dict[str, Block] = {}
        self.locals: dict[str, Argument] = {}
        self.outputs: dict[str, Block] = {}
        self.calls: dict[str, Block] = {}
        self.resources: dict[Address, Block] = {}
        self.data: dict[Address, Block] = {}
        self.redeclared: list[Block] = []
        self.providers: list[Block] = []
        self.failures: list[Failure] = []
        #: Whether it configures a backend. Terraform only uses the backend of a root module.
        self.has_backend = False
        #: The number of its files, including unreadable ones.
        self.files = 0
        #: The total length of its files.
        self.characters = 0

    def has_only_values(self) -> bool:
        """Tell whether the module only names values: nothing is passed to it, and it reads and creates nothing.

        Then each instance has the same values. Projects keep their settings in such modules, and call them often.
        """
        declared = (self.variables, self.resources, self.data, self.calls, self.failures)
        values: tuple[Argument | Block, ...] = (*self.locals.values(), *self.outputs.values())
        return not any(declared) and not any(name in item.span.text for item in values for name in _CHANGING)

    def declare(self, item: Item, is_override: bool = False) -> None:
        """Add a top-level block. A block of an unknown type is ignored.

        Raises Failure for invalid locals, for a call whose source can't be read, and for a second call with the same
        name.
        """
        if not isinstance(item, Block):
            return
        named = {"variable": self.variables, "output": self.outputs, "module": self.calls}.get(item.type)
        addressed = {"resource": self.resources, "data": self.data}.get(item.type)
        if item.type == "terraform":
            self.has_backend = self.has_backend or bool(item.blocks("backend") or item.blocks("cloud"))
        elif item.type == "provider":
            self.providers.append(item)
        elif item.type == "locals":
            self.locals.update((argument.name, argument) for argument in item.arguments())
        elif named is not None and len(item.labels) == 1:
            if item.type == "module":
                item.argument("source")
                first = self.calls.get(item.labels[0])
                if first and not is_override:
                    position = f"{first.span.path}:{first.span.line}"
                    raise Failure(
                        f'module "{item.labels[0]}" is already defined at {position}', item.span.path, item.span
                    )
            named[item.labels[0]] = item
        elif addressed is not None and len(item.labels) == 2:
            address = item.labels[0], item.labels[1]
            if item.type == "resource" and address in addressed and not is_override:
                self.redeclared.append(item)
            else:
                addressed[address] = item

    def override(self, item: Item) -> None:
        """Add a block of an override file: its arguments replace those of the block that it names.

        Raises Failure if one of the two can't be read.

        https://developer.hashicorp.com/terraform/language/files/override
        """
        if not isinstance(item, Block):
            return
        named = {"variable": self.variables, "output": self.outputs, "module": self.calls}.get(item.type)
        addressed = {"resource": self.resources, "data": self.data}.get(item.type)
        base = None
        if named is not None and len(item.labels) == 1:
            base = named.get(item.labels[0])
        elif addressed is not None and len(item.labels) == 2:
            base = addressed.get((item.labels[0], item.labels[1]))
        self.declare(base.overridden_by(item) if base else item, is_override=True)


class ModuleTree:
    """Reads the modules of a tree. It keeps each module until it is forgotten.

    `configurations` has the files read so far that are no modules, but configure the call of one. Thousands of them may
    include the same file.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.configurations: dict[str, Contents | Failure] = {}
        self._modules: dict[str, Module] = {}

    def read(self, directory: str) -> Module:
        """Return the module in a directory."""
        directory = self.workspace.normalize(directory)
        if directory not in self._modules:
            self._modules[directory] = read_module(directory, self.workspace)
        return self._modules[directory]

    def forget(self, directory: str) -> None:
        """Free the module in a directory."""
        self._modules.pop(directory, None)

    def keep(self, own_names: Set[str]) -> None:
        """Free the configurations, and all modules except those in the directories with these real paths."""
        self.configurations.clear()
        own_name = self.workspace.own_name
        self._modules = {path: module for path, module in self._modules.items() if own_name(path) in own_names}


def source_files(names: list[str]) -> list[str]:
    """Return the Terraform files of a directory, with override files last.

    If `a.tf` and `a.tofu` both exist, OpenTofu reads the latter.
    """
    files = [name for name in names if name.endswith(MODULE_SUFFIXES) and not name.startswith((".", "#"))]
    shadowed = shadowed_files(names)
    files = [name for name in files if name not in shadowed]
    return sorted(files, key=lambda name: (bool(_OVERRIDE.fullmatch(name)), name))


def shadowed_files(names: list[str]) -> dict[str, str]:
    """Return the files that OpenTofu ignores, each with the file that it reads instead."""
    shadowing = {name.replace(".tofu", ".tf"): name for name in names if name.endswith((".tofu", ".tofu.json"))}
    return {name: shadowing[name] for name in names if name in shadowing}


def read_module(directory: str, workspace: Workspace, layers: Sequence[str] = ()) -> Module:
    """Return the declarations in a directory. Its `failures` has the files that can't be read or parsed.

    The files of the `layers`, which are other directories, are copied over its own files.
    """
    module = Module(directory)
    directories = {name: layer for layer in (directory, *layers) for name in workspace.entries(layer)}
    for name in source_files(list(directories)):
        if workspace.is_directory(f"{directories[name]}/{name}"):
            continue
        module.files += 1
        take = module.override if _OVERRIDE.fullmatch(name) else module.declare
        try:
            source = workspace.read(f"{directories[name]}/{name}", "json" if name.endswith(".json") else "hcl")
            items, failures = (read_json_items(source), []) if source.syntax == "json" else read_file(source)
        except Failure as failure:
            if not workspace.is_directory(f"{directory}/{name}"):
                module.failures.append(failure)
            continue
        module.failures += failures
        module.characters += len(source.text)
        for item in items:
            try:
                take(item)
            except Failure as failure:
                module.failures.append(failure)
    return module
