"""Mount the paths that an image is known to write to, as a volume or as a tmpfs.

A volume is empty, and root owns it. A tmpfs has an owner. The fixes rely on literal values in the container and its
task definition. Without literal values, nothing is mounted.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ecs5lint.fixes import braces, mappings
from ecs5lint.fixes.setting import Proposal, Refused, syntax_of, written
from ecs5lint.location import DerivedSource, Edit, Source, distinct
from ecs5lint.model.form import snake_case
from ecs5lint.model.result import Fix, Report, Result
from ecs5lint.rules.ecs5_remedies import is_mounted, known_image

#: The rule whose fixes need mounts.
RULE = "ECS5"

VOLUME = "volume"
TMPFS = "tmpfs"

#: The maximum size of a tmpfs, in MiB.
_SIZE = 64

_ROOT = ("", "0", "root")

_LITERAL = re.compile(r"""["']?([\w./:@-]+)["']?\s*(?:[,#}\r\n]|//|$)""")
_MOUNTED = re.compile(r"""container_?path["']?\s*[:=]\s*["']?(/[^\s"',}]*)""", re.IGNORECASE)
_RESOURCE = re.compile(r'resource\s+"?[\w-]+"?\s+"?[\w-]+"?\s*\{')

_Object = braces.Braces | mappings.Mapping
#: A property of an object to write, and its value: a string, a number, or a list of strings.
_Fields = Sequence[tuple[str, str | int | list[str]]]


def with_mounts(report: Report, plain: Iterable[Proposal], how: str) -> tuple[list[Proposal], dict[int, str]]:
    """Return the fixes with mounts for the written paths, and the reasons for findings without mounts.

    `plain` are the fixes without mounts. The containers of one task definition get their volumes together.
    """
    found: list[Proposal] = []
    refused: dict[int, str] = {}
    groups: dict[tuple[str, int], list[Proposal]] = {}
    for proposal in (item for item in plain if item.fixes):
        results = [report.results[index] for index in proposal.findings]
        if results[0].rule != RULE:
            continue
        try:
            owner = _owner(results, how)
            _mount(results[0], (), (), how)
            groups.setdefault(owner, []).append(proposal)
        except Refused as refusal:
            refused.update(dict.fromkeys(proposal.findings, refusal.reason))
    for proposals in groups.values():
        try:
            found.append(_together(report, proposals, how))
        except Refused as refusal:
            refused.update((index, refusal.reason) for item in proposals for index in item.findings)
    return found, refused


def _owner(results: Sequence[Result], how: str) -> tuple[str, int]:
    """Return the location of the code to edit: the task definition, which gets the volumes, or the container."""
    if not _missing(results[0]):
        raise Refused("")
    spans = {result.location.in_file if how == TMPFS else result.resource.location.in_file for result in results}
    starts = {(span.path, span.start) for span in spans}
    if len(starts) > 1:
        raise Refused("nothing is mounted: several task definitions have this container")
    return starts.pop()


def _together(report: Report, proposals: Sequence[Proposal], how: str) -> Proposal:
    findings = [index for proposal in proposals for index in proposal.findings]
    edits = [edit for proposal in proposals for edit in proposal.fixes[0].edits]
    first = report.results[findings[0]]
    descriptions: list[str] = []
    names: list[str] = []
    paths: list[str] = []
    taken = first.resource.location.in_file.source.text
    for proposal in proposals:
        result = report.results[proposal.findings[0]]
        missing = _missing(result)
        new = _names(result, missing, taken)
        edits += _mount(result, missing, new, how)
        names += new
        paths += missing
        descriptions.append(f"{proposal.fixes[0].description}, and mount {' and '.join(missing)}")
    if how == VOLUME:
        edits += _volumes(first, names)
    return Proposal(tuple(findings), (Fix("; ".join(descriptions), tuple(_joined(edits)), tuple(paths)),))


def _joined(edits: Iterable[Edit]) -> list[Edit]:
    """Return edits, with the insertions at one position joined."""
    by_position: dict[tuple[str, int, int], Edit] = {}
    for edit in edits:
        position = (edit.path, edit.span.start, edit.span.end)
        before = by_position.get(position)
        is_same = before is None or before.text == edit.text
        by_position[position] = edit if before is None or is_same else before._replace(text=before.text + edit.text)
    return distinct(by_position.values())


def _missing(result: Result) -> tuple[str, ...]:
    """Return the paths that a container's image writes to and that have no mount.

    Raises Refused if the image has files in one of them.
    """
    obj = _container(result)
    image = _literal(obj, "image")
    known, is_certain = known_image(image) if image else (None, False)
    if known is None or not is_certain:
        return ()
    mounted = _MOUNTED.findall(result.location.text)
    missing = tuple(path for path in known.paths if not is_mounted(path, mounted))
    filled = [path for path in missing if path in known.filled]
    if filled:
        hidden = " and ".join(filled)
        raise Refused(f"nothing is mounted: an empty mount hides the files that the image has in {hidden}")
    return missing


def _user(result: Result) -> str:
    obj = _container(result)
    image = _literal(obj, "image")
    known, _ = known_image(image) if image else (None, False)
    user = obj.member("user")
    if user is None:
        return known.user if known else "root"
    return _literal(obj, "user") or "?"


def _container(result: Result) -> _Object:
    """Return a container as it is written. Raises Refused if it is not a single literal object."""
    source, start = written(result.location)
    found = _object(source, start, syntax_of(result.location, source.text, start))
    if found is None or isinstance(source, DerivedSource):
        raise Refused("nothing is mounted: the container is not a single literal object")
    return found


def _object(source: Source, start: int, syntax: str) -> _Object | None:
    if source.text.startswith("{", start):
        return braces.read(source, start, syntax)
    return mappings.read(source, start) if syntax == "yaml" else None


def _literal(obj: _Object, name: str) -> str | None:
    """Return the value of a member if it is a literal string."""
    member = obj.member(name)
    if member is None:
        return None
    text = obj.source.text
    is_expression = isinstance(obj, braces.Braces) and obj.is_hcl and text[member.value] not in '"0123456789'
    match = None if is_expression else _LITERAL.match(text, member.value)
    return match[1] if match else None


def _names(result: Result, paths: Sequence[str], taken: str) -> list[str]:
    """Return a volume name for each path. No name occurs elsewhere in the file."""
    found = []
    for path in paths:
        base = re.sub(r"[^a-z0-9]+", "-", f"{result.container or ''}{path}".lower()).strip("-")
        name, number = base, 2
        while re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", taken):
            name, number = f"{base}-{number}", number + 1
        found.append(name)
    return found


def _mount(result: Result, paths: Sequence[str], names: Sequence[str], how: str) -> list[Edit]:
    """Return the edits that mount volumes, or a tmpfs, at the paths in a container. Raises Refused."""
    obj, spelling, user = _container(result), result.container_definition.form.spelling, _user(result)
    path_of = spelling("containerPath")
    if how == TMPFS:
        owner = _owner_options(user)
        options: _Fields = [(spelling("mountOptions"), owner)] if owner else []
        tmpfs: list[_Fields] = [[(path_of, path), (spelling("size"), _SIZE), *options] for path in paths]
        return _with_tmpfs(obj, spelling, tmpfs)
    if user.partition(":")[0] not in _ROOT:
        raise Refused(f"nothing is mounted: user {user} cannot write to a volume, which root owns: --mount-with tmpfs")
    mounts: list[_Fields] = [
        [(spelling("sourceVolume"), name), (path_of, path)] for name, path in zip(names, paths, strict=True)
    ]
    return _with_elements(obj, spelling("mountPoints"), mounts)


def _with_tmpfs(obj: _Object, spelling: Callable[[str], str], tmpfs: Sequence[_Fields]) -> list[Edit]:
    name, inner_name = spelling("linuxParameters"), spelling("tmpfs")
    parameters = obj.member(name)
    if parameters is None:
        return _added(obj, name, inner_name, tmpfs)
    inner = _object(obj.source, _value_start(obj, parameters), _syntax(obj))
    if inner is None:
        raise Refused(f"nothing is mounted: {name} is not a single literal object")
    return _with_elements(inner, inner_name, tmpfs)


def _owner_options(user: str) -> list[str]:
    name, _, group = user.partition(":")
    if name in _ROOT:
        return []
    if not name.isdecimal():
        raise Refused(f"nothing is mounted: the uid of user {user} is unknown")
    return [f"uid={name}", *([f"gid={group}"] if group.isdecimal() else [])]


def _volumes(result: Result, names: Sequence[str]) -> list[Edit]:
    """Return the edits that add volumes to a task definition."""
    definition = result.resource
    spelling = result.container_definition.form.spelling
    obj = _task_definition(result)
    volumes: list[_Fields] = [[(spelling("name"), name)] for name in names]
    if definition.source != "terraform":
        return _with_elements(obj, spelling("volumes"), volumes)
    if spelling is snake_case:
        return _with_elements(obj, "volumes", volumes)
    if isinstance(obj, braces.Braces) and obj.is_hcl:
        return [braces.block(obj, f'volume {{\n  name = "{name}"\n}}') for name in names]
    return _with_elements(obj, "volume", volumes)


def _task_definition(result: Result) -> _Object:
    """Return the object that has the volumes of a task definition. Raises Refused if it is not a literal object."""
    definition = result.resource
    span = (definition.extent or definition.location).in_file
    source, start, syntax = span.source, span.start, (definition.extent or definition.location).source.syntax
    resource = _RESOURCE.match(source.text, start)
    found: _Object | None = None
    if resource:
        found = braces.read(source, resource.end() - 1, "hcl")
    elif definition.source == "cloudformation":
        found = _properties(source, start, syntax)
    elif definition.source in ("task-definition", "terraform"):
        found = _object(source, start, syntax)
    is_whole = found is not None and (resource or found.member("containerDefinitions", "container_definitions"))
    if found is None or not is_whole:
        raise Refused("nothing is mounted: the task definition is not a literal where its volumes go")
    return found


def _properties(source: Source, start: int, syntax: str) -> _Object | None:
    key = re.compile(r"""["']?\w+["']?\s*:\s*(?=\{)""").match(source.text, start)
    if key:
        resource = _object(source, key.end(), syntax)
    else:
        mapping = mappings.read(source, start)
        resource = mapping and _object(source, mappings.value_start(mapping, mapping.entries[0]), syntax)
    properties = resource.member("Properties") if resource else None
    return _object(source, _value_start(resource, properties), syntax) if resource and properties else None


def _value_start(obj: _Object, member: braces.Member | mappings.Entry) -> int:
    if isinstance(obj, mappings.Mapping) and isinstance(member, mappings.Entry):
        return mappings.value_start(obj, member)
    return member.value


def _syntax(obj: _Object) -> str:
    if isinstance(obj, mappings.Mapping):
        return "yaml"
    is_json = obj.source.text[obj.opening :].lstrip().startswith('"') and not obj.is_hcl
    return "hcl" if obj.is_hcl else "json" if is_json else "yaml"


def _with_elements(obj: _Object, name: str, elements: Sequence[_Fields]) -> list[Edit]:
    """Return the edits that insert elements into a list member of an object, or that add the list."""
    member = obj.member(name)
    if member is None:
        return _added(obj, name, None, elements)
    start = _value_start(obj, member)
    text = obj.source.text
    if text.startswith("[", start):
        return braces.elements(obj.source, start, _syntax(obj), [_flow(item, _syntax(obj)) for item in elements])
    if isinstance(obj, mappings.Mapping) and text.startswith("- ", start):
        return mappings.elements(obj.source, start, [_block(item) for item in elements])
    raise Refused(f"nothing is mounted: {name} is not a literal list")


def _added(obj: _Object, name: str, inner: str | None, elements: Sequence[_Fields]) -> list[Edit]:
    """Return the edits that add a member with a list of elements, in an object with one member if `inner` is set."""
    if isinstance(obj, mappings.Mapping):
        head, depth = (f"\n  {inner}:", "    ") if inner else ("", "  ")
        items = "".join(f"\n{depth}- " + _block(item).replace("\n", f"\n{depth}  ") for item in elements)
        return mappings.insertion(obj, name, head + items, ("image", "name"))
    syntax = _syntax(obj)
    flow = [_flow(item, syntax) for item in elements]
    beside = [item.name.lower() for item in reversed(obj.members)]
    if syntax == "hcl":
        listed = "[\n" + "".join(f"  {item},\n" for item in flow) + "]"
        if inner:
            listed = f"{{\n  {inner} = " + listed.replace("\n", "\n  ") + "\n}"
        return braces.insertion(obj, name, listed, beside)
    listed = f"[{', '.join(flow)}]"
    if inner:
        listed = f'{{"{inner}": {listed}}}' if syntax == "json" else f"{{{inner}: {listed}}}"
    return braces.insertion(obj, name, listed, ("readonlyrootfilesystem", "image", "name", *beside))


def _flow(fields: _Fields, syntax: str) -> str:
    """Return an object as text on one line."""
    opening, closing = ("{ ", " }") if syntax == "hcl" else ("{", "}")
    separator = " = " if syntax == "hcl" else ": "
    quote = '"' if syntax == "json" else ""
    members = (f"{quote}{key}{quote}{separator}{_scalar(value, syntax)}" for key, value in fields)
    return f"{opening}{', '.join(members)}{closing}"


def _scalar(value: str | int | list[str], syntax: str) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_scalar(item, syntax) for item in value)}]"
    return value if syntax == "yaml" else f'"{value}"'


def _block(fields: _Fields) -> str:
    """Return an object as text in block style, with a line for each member."""
    return "\n".join(f"{key}: {_scalar(value, 'yaml')}" for key, value in fields)
