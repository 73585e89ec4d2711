"""Propose fixes for a setting: edits that set the value that the rule requires."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from ecs5lint.files.workspace import Workspace
from ecs5lint.fixes import braces, mappings
from ecs5lint.fixes.literals import is_constant, renamed, to_constant
from ecs5lint.fixes.uses import other_use
from ecs5lint.light_typing import NamedTuple
from ecs5lint.location import DerivedSource, Edit, Source, Span
from ecs5lint.model.result import Fix, Report, Result
from ecs5lint.rules.remedies import switch

#: The rules with fixes: the property, and the passing value.
SETTINGS = {
    "ECS2": ("assignPublicIp", "DISABLED"),
    "ECS3": ("pidMode", "task"),
    "ECS4": ("privileged", "false"),
    "ECS5": ("readonlyRootFilesystem", "true"),
    "ECS16": ("assignPublicIp", "DISABLED"),
    "ECS18": ("transitEncryption", "ENABLED"),
    "ECS19": ("managedTerminationProtection", "ENABLED"),
}

#: The members next to which the setting is added, in small letters.
_BESIDE = (
    "image",
    "name",
    "filesystemid",
    "filesystem_id",
    "file_system_id",
    "autoscalinggrouparn",
    "auto_scaling_group_arn",
)

_MODULE = re.compile(r'module\s+"?[\w-]+"?\s*\{')
_MODULE_SOURCE = re.compile(r'^\s*source\s*=\s*"([^"$]+)"', re.MULTILINE)

#: The text before a container in a template that repeats it.
_DIRECTIVES = re.compile(r"(?:%\{[^{}]*\}[\s,]*)+(?=\{)")

#: A key directly before its value, and the length of the text to search for it.
_KEY_BEFORE = re.compile(r"(?:privileged|readonlyRootFilesystem)[\"']?\s*:\s*$", re.IGNORECASE)
_MAX_KEY = 200

#: The start of an object in a text with escapes, and the tokens of such a text.
_ESCAPED_KEY = re.compile(r'\{\s*\\+"')
_ESCAPE_OR_TEXT = re.compile(r"\\(.)|[^\\]+", re.DOTALL)


#: The pseudo parameter that removes a property, in each form of Ref.
_NO_VALUE = re.compile(
    r"""(?:!Ref\s+(["']?)AWS::NoValue\1|\{\s*(["']?)Ref\2\s*:\s*(["'])AWS::NoValue\3\s*\})(?=\s*(?:\#.*)?\Z)"""
)


class Refused(Exception):
    """A finding gets no fix. Has the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Proposal(NamedTuple):
    """The possible fixes of findings on one container, with all its callers.

    `findings` are indexes of results. Any of the `fixes` is enough. `refusal` is the reason for a missing fix: of all
    fixes, or of the obvious one.
    """

    findings: tuple[int, ...]
    fixes: tuple[Fix, ...]
    refusal: str = ""


def proposals(report: Report, wanted: Iterable[int], workspace: Workspace) -> list[Proposal]:
    """Return the proposals for the findings with the indexes `wanted`."""
    values = _Values(report, workspace)
    refused: list[Proposal] = []
    groups: dict[object, tuple[list[int], list[tuple[Edit, ...]], str]] = {}
    for index in wanted:
        ways, refusal = _possible(report.results[index], values)
        if not ways:
            refused.append(Proposal((index,), (), refusal))
        same = tuple((edit.path, edit.span.start, edit.span.end, edit.text) for way in ways for edit in way)
        groups.setdefault(same or index, ([], ways, refusal))[0].append(index)
    found = [
        Proposal(tuple(indexes), tuple(Fix(_description(report.results[indexes[0]]), way) for way in ways), refusal)
        for indexes, ways, refusal in groups.values()
        if ways
    ]
    return [*refused, *found]


def _possible(result: Result, values: _Values) -> tuple[list[tuple[Edit, ...]], str]:
    """Return the possible edits for a finding, and the reason for not editing the value itself."""
    try:
        _refuse_generated(result)
        ways = list(_ways(result))
        values.refuse_shared(result, ways)
    except Refused as refusal:
        return list(_overriding(result)), refusal.reason
    return ways, ""


def _overriding(result: Result) -> Iterator[tuple[Edit, ...]]:
    """Yield the edits that override an inherited value in the container itself."""
    if result.container_index is None:
        return
    is_generated = result.resource.source == "terraform-plan" or result.resource.construct
    has_it = _key(result).lower() in result.location.text.lower()
    if not is_generated and not has_it and result.value_location and not _MODULE.match(result.location.text):
        with suppress(Refused):
            yield _added(result, _key(result))


class _Values:
    """The containers, and the other uses, of the deciding values in a report."""

    def __init__(self, report: Report, workspace: Workspace) -> None:
        self._workspace = workspace
        self._containers: dict[tuple[str, int], dict[tuple[str, int], Result]] = {}
        for result in report.results:
            for value in _values_of(result):
                of_value = self._containers.setdefault(value.start_in_file, {})
                of_value[result.location.start_in_file] = result

    def refuse_shared(self, result: Result, ways: list[tuple[Edit, ...]]) -> None:
        """Raise Refused if a value that a fix changes has another use."""
        for value in _values_of(result):
            if any(_is_within(edit.span, value.in_file) for way in ways for edit in way):
                self._refuse_shared_value(value, result)

    def _refuse_shared_value(self, value: Span, result: Result) -> None:
        own = result.location.start_in_file
        others = [item for start, item in self._containers[value.start_in_file].items() if start != own]
        if others:
            position = f"{others[0].location.path}:{others[0].location.line}"
            raise Refused(
                f'the value is shared with container "{others[0].container}" ({position}): set it for each of them'
            )
        use = other_use(value.in_file, result, self._workspace)
        if use:
            raise Refused(f"the value {_shortened(value.text)} may serve something else, too ({use})")


def _values_of(result: Result) -> list[Span]:
    return [value for value in (result.value_location, *result.others) if value]


def _is_within(edited: Span, value: Span) -> bool:
    return edited.path == value.path and value.start <= edited.start <= edited.end <= value.end


def _description(result: Result) -> str:
    if result.container_index is None:
        return f"set {SETTINGS[result.rule][0]} of {result.resource.address} to {_wanted(result)}"
    name = f' of container "{result.container}"' if result.container is not None else ""
    return f"set {_key(result)}{name} to {_wanted(result)}"


def _wanted(result: Result) -> str:
    wanted = SETTINGS[result.rule][1]
    return switch(result.resource, is_on=False) if wanted == "DISABLED" else wanted


def _key(result: Result) -> str:
    """Return the spelling of the setting in the container's source."""
    return result.container_definition.form.spelling(SETTINGS[result.rule][0])


def _refuse_generated(result: Result) -> None:
    if result.resource.source == "terraform-plan":
        raise Refused("a plan is generated: fix the configuration that it was made from")
    if result.resource.construct:
        construct = result.resource.construct
        setting = f"{SETTINGS[result.rule][0]}: {_wanted(result)}"
        raise Refused(
            f"the template is generated by the AWS CDK: set {setting} where {construct} {_adds(result)}, "
            "then run cdk synth"
        )


def _adds(result: Result) -> str:
    return "adds the container" if result.task_definition else "is created"


def _ways(result: Result) -> Iterator[tuple[Edit, ...]]:
    """Yield the possible edits for a finding, the most likely ones first. Raises Refused if there are none."""
    value = result.value_location
    if result.container_index is None:
        if value is None:
            raise Refused("the position of the value cannot be determined")
        yield tuple(edit for span in _values_of(result) for edit in _set(span, result))
        return
    key = _key(result)
    location = result.location
    module = _MODULE.match(location.text)
    if result.reason == "misspelled" and value:
        yield renamed(value, key, _wanted(result))
    elif value and not (module and value.start == location.start):
        yield (_changed(value, result),)
    elif module:
        yield from _input_set(location, module)
    else:
        yield _added(result, key)
        if result.resource.source == "terraform" and key != _SNAKE_CASE:
            # Some modules use another name for it in their maps of containers.
            yield _added(result, _SNAKE_CASE)


def _set(span: Span, result: Result) -> tuple[Edit, ...]:
    """Return the edits that set a property of a task definition.

    `span` is that of its value, of its misspelled key, or of the object without it.
    """
    name = SETTINGS[result.rule][0]
    key = result.resource.form.spelling(name)
    if re.sub(r"[^a-z]", "", span.text.lower()) == name.lower():
        return renamed(span, key, _wanted(result))
    block = _BLOCK.match(span.text) if span.source.syntax == "hcl" else None
    if block:
        if "\n" not in span.text and not span.text.endswith("{}"):
            raise Refused("the block is on one line, where HCL allows one argument")
        return _added_at(span._replace(start=span.start + block.end() - 1), key, result)
    if span.text.startswith("{") or (span.source.syntax == "yaml" and ":" in span.text):
        return _added_at(span, key, result)
    return (_changed(span, result),)


#: The start of a nested block in HCL.
_BLOCK = re.compile(r"[\w-]+\s*\{")

_SNAKE_CASE = "readonly_root_filesystem"


def _changed(value: Span, result: Result) -> Edit:
    in_file = value.in_file
    if not is_constant(value.text) and value.text:
        raise Refused(f"its value is computed: {_shortened(value.text)}")
    if not _is_same(value.text, in_file.text):
        raise Refused(f"the position of its value {_shortened(value.text)} cannot be determined")
    # The setting itself is a boolean. Parameters and function arguments are often strings.
    is_direct = _KEY_BEFORE.search(in_file.source.text[max(0, in_file.start - _MAX_KEY) : in_file.start]) is not None
    takes_strings = result.resource.source == "cloudformation" and not is_direct
    if result.container_index is None:
        # The properties of a task definition with a fix are strings.
        is_quoted = in_file.text[:1] in ("'", '"')
        wanted = _wanted(result) if is_quoted else _constant(result, in_file.source.syntax)
        return to_constant(in_file, wanted, keeps_quotes=True)
    return to_constant(in_file, _wanted(result), keeps_quotes=takes_strings)


def _is_same(text: str, written: str) -> bool:
    """Tell whether a text equals the text in the file, which may be escaped."""
    return text.replace("\\", "") == written.replace("\\", "")


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}..."


def _input_set(location: Span, module: re.Match[str]) -> Iterator[tuple[Edit, ...]]:
    """Yield the edits that set an input of a well-known module."""
    from ecs5lint.parsers.terraform.modules.registry.table import setting_inputs

    source = _MODULE_SOURCE.search(location.text)
    names = setting_inputs(source[1]) if source else []
    body = braces.read(location.source, location.start + module.end() - 1, "hcl")
    names = [name for name in names if body and not body.member(name)]
    if not names or body is None:
        raise Refused("the module has no known input for the setting")
    # The source and the version come first.
    beside = [item.name.lower() for item in reversed(body.members)]
    for name in names:
        yield tuple(braces.insertion(body, name, "true", beside))


def _added(result: Result, key: str) -> tuple[Edit, ...]:
    """Return the edits that add the setting to a container definition. Raises Refused if it is no literal object."""
    return _added_at(result.location, key, result)


def _added_at(location: Span, key: str, result: Result) -> tuple[Edit, ...]:
    """Return the edits that add the setting to the object at a location. Raises Refused if it is no literal object."""
    source, start = written(location)
    text = source.text
    if text.startswith("{", start):
        syntax = syntax_of(location, text, start)
        found = braces.read(source, start, syntax)
        if found:
            constant = _constant(result, syntax)
            edits = _put(found, key, constant) or braces.insertion(found, key, constant, _BESIDE)
            return tuple(map(_escaped, edits) if isinstance(source, DerivedSource) else edits)
    elif location.source.syntax == "yaml":
        mapping = mappings.read(source, start)
        if mapping:
            constant = _constant(result, "yaml")
            return tuple(_put(mapping, key, constant) or mappings.insertion(mapping, key, constant, _BESIDE))
    subject = "container" if result.container_index is not None else "volume" if result.task_definition else "setting"
    raise Refused(f"the {subject} is not a single literal object")


def _put(found: braces.Braces | mappings.Mapping, key: str, constant: str) -> list[Edit]:
    """Return the edit that replaces AWS::NoValue as the value of a key, or no edits if there is no such key.

    Raises Refused if its value is computed, and there is none in some cases.
    """
    member = found.member(key)
    if member is None:
        return []
    value = _NO_VALUE.match(found.source.text, member.value, member.end)
    if value is None:
        raise Refused(f"{key} is written already, and has no value in some cases")
    return [Edit(Span(found.source, *value.span()), constant)]


def _constant(result: Result, syntax: str) -> str:
    """Return the wanted value as it is written in a syntax."""
    wanted = _wanted(result)
    is_bare = syntax == "yaml" or wanted in ("true", "false") or result.container_index is not None
    return wanted if is_bare else f'"{wanted}"'


def written(location: Span) -> tuple[Source, int]:
    """Return the text with a container definition, and its offset.

    The text is unescaped if its quotation marks are escaped. Raises Refused if its position in the file is unknown.
    """
    in_file = location.in_file
    text = in_file.source.text
    directives = _DIRECTIVES.match(text, in_file.start)
    start = directives.end() if directives else in_file.start
    if not directives and text[start : start + 1] != location.text[:1]:
        raise Refused("the position of the container cannot be determined")
    source = in_file.source
    while _ESCAPED_KEY.match(source.text, start):
        end = in_file.end if source is in_file.source else len(source.text)
        source, start = _unescaped(Span(source, start, end)), 0
    return source, start


def _unescaped(span: Span) -> Source:
    """Return the text of a span with one level of escapes decoded."""
    pieces: list[str] = []
    stretches: list[tuple[int, int]] = []
    length = 0
    for match in _ESCAPE_OR_TEXT.finditer(span.source.text, span.start, span.end):
        pieces.append(match[1] or match[0])
        stretches.append((length, match.start()))
        length += len(pieces[-1])
    return DerivedSource(span.source, "".join(pieces), stretches)


def syntax_of(location: Span, text: str, start: int) -> str:
    """Return the syntax of the object at an offset of a text."""
    # In a heredoc, or a flow mapping with quoted keys, the syntax is JSON.
    if re.compile(r'\{\s*"(?:[^"\n\\]|\\.)*"\s*:').match(text, start):
        return "json"
    return location.source.syntax


def _escaped(edit: Edit) -> Edit:
    """Return the edit of a file for an edit of its unescaped text: on one line, with escaped quotation marks."""
    span = edit.span
    quote = span.source.text.rfind('"', 0, max(span.start, span.source.text.find('"') + 1))
    written = Span(span.source, quote, quote + 1).in_file.text
    return Edit(
        Span(span.source, span.start, span.end).in_file, re.sub(r"\s*\n\s*", " ", edit.text).replace('"', written)
    )
