"""Read files that set the parameters of a template for deployment: those of the SAM CLI, Sceptre and taskcat.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
https://docs.sceptre-project.org/latest/docs/stack_config.html
https://aws-ia.github.io/taskcat/docs/usage/PARAMETER_OVERRIDES/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ecs5lint.files.kinds import CLOUDFORMATION
from ecs5lint.files.workspace import Workspace
from ecs5lint.light_typing import Any, NamedTuple
from ecs5lint.location import Failure, Source, Span
from ecs5lint.model.callers import Caller
from ecs5lint.model.task_definition import Call
from ecs5lint.parsers.cloudformation.language.parameters import read_parameters
from ecs5lint.parsers.cloudformation.language.template import elements, scalar_text
from ecs5lint.text.toml import parse_toml
from ecs5lint.text.yaml import ApplyTag, Resolve, parse_yaml, resolve_1_1, resolve_1_2
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Unknown, Value, known_text
from ecs5lint.values.members import nested_member

_SAM_CONFIG = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
_SAM_TEMPLATES = ("template.yaml", "template.yml", "template.json")
#: The commands of the SAM CLI that deploy, and commands whose settings also apply to them.
_SAM_DEPLOYS, _SAM_SHARED = ("deploy", "sync"), ("global", "build")
#: The start of the settings of an environment: `[prod.deploy.parameters]` in TOML, `prod:` in YAML.
_SAM_HEADER = re.compile(
    r"""^[ \t]*\[[ \t]*(?:"([^"\n]+)"|([^\s".\]]+))[ \t]*\.[ \t]*(\w+)|^(?:"([^"\n]+)"[ \t]*|([^\s":#-][^":\n]*)):""",
    re.MULTILINE,
)
#: A parameter in a text: `A=b`, `A="b c"`, or the long form of the AWS CLI.
_SAM_VALUE = r"""("(?:\\.|[^"\\])*"|'[^']*'|(?:\\.|[^\s"'\\,]|,(?!ParameterKey=))*)"""
_SAM_PARAMETER = re.compile(
    rf"\s*(?:ParameterKey=[\"']?(\w+)[\"']?\s*,\s*ParameterValue={_SAM_VALUE}|[\"']?(\w+)[\"']?={_SAM_VALUE})(?=[\s,]|\Z),?"
)
_TASKCAT = (".taskcat.yml", ".taskcat.yaml")
#: The configuration of taskcat before version 0.9, in the directory `ci` of a project.
_OLD_TASKCAT = ("taskcat.yml", "taskcat.yaml")
#: The start of placeholders that another tool replaces.
_PUT_IN_LATER = ("{{", "{%", "$[", "${")
#: The path of the template in a stack configuration that only Jinja can read.
_SCEPTRE_PATH = re.compile(r"""\b(?:template_)?path["']?[ \t]*:[ \t]*["']?((?:\{\{[^\n]*?\}\}|[^\s"',}#])+)""")
#: The largest number of files to read in a Sceptre project.
_MAX_FILES = 2_000


def may_deploy(path: str, template: str) -> bool:
    """Tell whether a file may set the parameters of a template for deployment, by their paths."""
    directory, name = posixpath.split(path)
    if name in _SAM_CONFIG or name in _TASKCAT or name.endswith(".assets.json"):
        return not directory or template.startswith(directory + "/")
    if name in _OLD_TASKCAT and posixpath.basename(directory) == "ci":
        return template.startswith(posixpath.join(posixpath.dirname(directory), ""))
    return any(
        path.startswith(posixpath.join(project, "config/")) and path.endswith((".yaml", ".yml"))
        for project in _sceptre_projects(template)
    )


class _Deployment(NamedTuple):
    """A deployment that a file describes: the template, the parameters, and the call.

    If only the end of the template path is known, `ending` is that end and `template` is the directory.
    """

    template: str
    parameters: Mapping[str, Value]
    call: Call
    rest: Unknown | None = None
    ending: str | None = None

    def may_be_of(self, template: str) -> bool:
        """Tell whether the deployment may use a template."""
        if self.ending is None:
            return self.template == template
        return template.startswith(self.template + "/") and template.endswith(self.ending)


class Deployers:
    """The deployments in files next to templates and above them. Reads each file once.

    `given` has the parameters from the command line, which override those of the files. `failures` has the
    configurations of the SAM CLI that can't be read or parsed.
    """

    def __init__(self, workspace: Workspace, given: Mapping[str, str]) -> None:
        self._workspace = workspace
        self._given = {name: Known(text) for name, text in given.items()}
        self.failures: list[Failure] = []
        self._by_directory: dict[str, list[_Deployment]] = {}
        self._sceptre: dict[str, list[_Deployment]] = {}

    def of(self, template: str) -> list[Caller]:
        """Return the callers of a template."""
        found = [item for directory in _directories(template) for item in self._deployments(directory)]
        found += [item for directory in _sceptre_projects(template) for item in self._sceptre_stacks(directory)]
        return [
            Caller(CLOUDFORMATION, template, {**item.parameters, **self._given}, (item.call,), rest=item.rest)
            for item in found
            if item.may_be_of(template)
        ]

    def _deployments(self, directory: str) -> list[_Deployment]:
        """Return the deployments that the files of a directory describe."""
        if directory not in self._by_directory:
            names = self._workspace.entries(directory or ".")
            found: list[_Deployment] = []
            for name in _SAM_CONFIG:
                if name in names:
                    found += self._sam_environments(directory, name)
                    break
            for name in _TASKCAT:
                if name in names:
                    found += self._taskcat_tests(directory, name)
            for name in _OLD_TASKCAT:
                if "ci" in names and self._workspace.is_file(posixpath.join(directory, "ci", name)):
                    found += self._old_taskcat_tests(directory, name)
            self._by_directory[directory] = found
        return self._by_directory[directory]

    def _read(self, path: str) -> Source | None:
        try:
            return self._workspace.read(path, "yaml")
        except Failure:
            return None

    # The SAM CLI

    def _sam_environments(self, directory: str, name: str) -> Iterator[_Deployment]:
        path = posixpath.join(directory, name)
        names = self._workspace.entries(directory or ".")
        defaults = [posixpath.join(directory, item) for item in _SAM_TEMPLATES if item in names][:1]
        try:
            source = self._workspace.read(path, "yaml")
            environments = parse_toml(source) if name.endswith(".toml") else _plain_yaml(source)
        except Failure as failure:
            self.failures.append(failure)
            span = failure.span or Span(Source(path, "", "yaml"), 0, 0)
            for item in defaults:
                yield _Deployment(item, {}, Call(name, span), Unknown(f"{path} cannot be parsed", span))
            return
        headers = _sam_headers(source)
        for environment, commands in environments.items():
            if not isinstance(commands, dict) or not any(item in commands for item in (*_SAM_DEPLOYS, "global")):
                continue
            shared = [_sam_parameters(commands, command) for command in _SAM_SHARED]
            for command in _SAM_DEPLOYS:
                own = _sam_parameters(commands, command)
                if command not in commands and (command != "deploy" or "sync" in commands):
                    continue
                settings = {**shared[0], **own}
                span = _sam_span(source, headers, environment, command)
                overrides, rest = self._sam_overrides(settings.get("parameter_overrides"), directory, span)
                template = own.get("template_file") or own.get("template") or shared[1].get("template_file")
                template = template or shared[1].get("template") or shared[0].get("template_file")
                templates = defaults
                if isinstance(template, str):
                    wanted = posixpath.normpath(posixpath.join(directory, template))
                    if ".aws-sam" not in wanted and self._workspace.is_file(wanted):
                        templates = [wanted]
                for item in templates:
                    yield _Deployment(item, overrides, Call(f"{environment}.{command}", span), rest)

    def _sam_overrides(self, written: Any, directory: str, span: Span) -> tuple[dict[str, Value], Unknown | None]:
        """Return the parameters that a setting overrides, and an unknown if some of them can't be read."""
        unknown = Unknown(f"parameter_overrides in {span.path} is not understood", span)
        found: dict[str, Value] = {}
        rest = None
        for item in _flat(written):
            if isinstance(item, dict):
                found.update((str(key), _sam_value(value, span)) for key, value in item.items())
            elif isinstance(item, str) and item.startswith("file://"):
                in_file, unread = self._parameter_file(directory, item.removeprefix("file://"), span)
                found.update(in_file)
                rest = rest or unread
            elif isinstance(item, str):
                parameters = _sam_pairs(item)
                if parameters is None:
                    rest = unknown
                else:
                    found.update((name, _sam_value(text, span)) for name, text in parameters)
            else:
                rest = unknown
        return found, rest

    # Taskcat

    def _taskcat_tests(self, directory: str, name: str) -> Iterator[_Deployment]:
        source = self._read(posixpath.join(directory, name))
        if source is None:
            return
        document = _yaml(source)
        shared = [nested_member(document, "general", "parameters"), nested_member(document, "project", "parameters")]
        default = known_text(nested_member(document, "project", "template"))
        tests = nested_member(document, "tests")
        for pair in tests.members if isinstance(tests, ObjectValue) else ():
            if not isinstance(pair, Pair):
                continue
            template = known_text(nested_member(pair.value, "template")) or default
            if template:
                parameters, rest = _parameters([*shared, nested_member(pair.value, "parameters")])
                call = Call(f"tests.{known_text(pair.key)}", pair.key.span or Span(source, 0, 0))
                yield _Deployment(posixpath.normpath(posixpath.join(directory, template)), parameters, call, rest)

    def _old_taskcat_tests(self, directory: str, name: str) -> Iterator[_Deployment]:
        source = self._read(posixpath.join(directory, "ci", name))
        if source is None:
            return
        tests = nested_member(_yaml(source), "tests")
        for pair in tests.members if isinstance(tests, ObjectValue) else ():
            template = known_text(nested_member(pair.value, "template_file")) if isinstance(pair, Pair) else None
            if not isinstance(pair, Pair) or not template:
                continue
            span = pair.key.span or Span(source, 0, 0)
            file = known_text(nested_member(pair.value, "parameter_input"))
            parameters, rest = self._parameter_file(directory, f"ci/{file}", span) if file else ({}, None)
            path = posixpath.normpath(posixpath.join(directory, "templates", template))
            yield _Deployment(path, parameters, Call(f"tests.{known_text(pair.key)}", span), rest)

    def _parameter_file(self, directory: str, name: str, span: Span) -> tuple[dict[str, Value], Unknown | None]:
        """Return the parameters in a file, and an unknown if it can't be read."""
        path = posixpath.normpath(posixpath.join(directory, name))
        try:
            texts = read_parameters(self._workspace.read(path, "yaml"))
        except Failure:
            return {}, Unknown(f"the parameters in {path} cannot be read", span)
        return {name: _sam_value(text, span) for name, text in texts.items()}, None

    # Sceptre

    def _sceptre_stacks(self, project: str) -> list[_Deployment]:
        if project not in self._sceptre:
            found: list[_Deployment] = []
            for path in self._files_below(posixpath.join(project, "config")):
                if path.endswith((".yaml", ".yml")) and posixpath.basename(path) not in ("config.yaml", "config.yml"):
                    found += self._sceptre_stack(project, path)
            self._sceptre[project] = found
        return self._sceptre[project]

    def _files_below(self, top: str) -> Iterator[str]:
        pending, count = [top], 0
        while pending and count < _MAX_FILES:
            directory = pending.pop()
            for name in self._workspace.entries(directory):
                path = posixpath.join(directory, name)
                count += 1
                if self._workspace.is_directory(path):
                    pending.append(path)
                else:
                    yield path

    def _sceptre_stack(self, project: str, path: str) -> Iterator[_Deployment]:
        source = self._read(path)
        if source is None:
            return
        span = Span(source, 0, 0)
        groups = [*self._sceptre_groups(project, path), source]
        documents = [_rendered_yaml(group) for group in groups]
        written = [
            found
            for group, document in zip(groups, documents, strict=True)
            if (found := _template_paths(group, document))
        ]
        if not written:
            return
        parameters, rest = _parameters(nested_member(document, "parameters") for document in documents)
        call = Call(posixpath.splitext(posixpath.relpath(path, posixpath.join(project, "config")))[0], span)
        templates = posixpath.join(project, "templates")
        for template_path in written[-1]:
            _, rendered, ending = template_path.rpartition("}}")
            if rendered or not ending:
                unknown = Unknown(f"the template of {path} is known only after rendering", span)
                yield _Deployment(templates, {}, call, unknown, ending)
            else:
                template = posixpath.normpath(posixpath.join(templates, ending.removeprefix("templates/")))
                yield _Deployment(template, parameters, call, rest)

    def _sceptre_groups(self, project: str, path: str) -> list[Source]:
        """Return the files whose settings a stack inherits, outermost first."""
        found = []
        directory = posixpath.dirname(path)
        while directory.startswith(posixpath.join(project, "config")):
            groups = (self._read(posixpath.join(directory, name)) for name in ("config.yml", "config.yaml"))
            found += [group for group in groups if group is not None]
            directory = posixpath.dirname(directory)
        return found[::-1]


def _template_paths(source: Source, document: Value) -> list[str]:
    """Return the possible paths of the template of a Sceptre stack in a file, with "" for an unknown path."""
    if isinstance(document, Unknown):
        return _SCEPTRE_PATH.findall(source.text)
    values = (nested_member(document, *keys) for keys in (("template_path",), ("template", "path")))
    return [known_text(value) or "" for value in values if isinstance(value, Known | Unknown)][:1]


def _directories(path: str) -> Iterator[str]:
    """Yield the directory of a file and all directories above it, up to the working directory."""
    directory = posixpath.dirname(path)
    yield directory
    while directory not in ("", ".", "/") and not directory.endswith(".."):
        directory = posixpath.dirname(directory)
        yield directory


def _sceptre_projects(path: str) -> Iterator[str]:
    """Yield the directories of Sceptre projects that may use the template at a path."""
    parts = path.split("/")
    for at, part in enumerate(parts[:-1]):
        if part == "templates":
            yield "/".join(parts[:at])


def _yaml(source: Source) -> Value:
    """Return a YAML document in which tagged values are unknown."""
    return _first(parse_yaml, source)


def _rendered_yaml(source: Source) -> Value:
    """Return a YAML document that is a Jinja template, with its expressions as texts.

    With statements, it is unknown.
    """
    from ecs5lint.text.yaml_template import parse_yaml_template

    if "{%" in source.text:
        return Unknown(f"{source.path} is a template of another tool", Span(source, 0, 0))
    return _first(parse_yaml_template, source)


def _first(
    parse: Callable[[Source, Resolve, ApplyTag], list[Value]], source: Source, resolve: Resolve = resolve_1_1
) -> Value:
    try:
        documents = parse(source, resolve, _tagged)
    except Failure as failure:
        return Unknown(failure.message, failure.span)
    return documents[0] if documents else Unknown("is empty")


def _tagged(tag: str, value: Value, span: Span) -> Value:
    return Unknown(f"{tag} is resolved when the stack is deployed", span)


def _plain_yaml(source: Source) -> dict[str, Any]:
    """Return a configuration of the SAM CLI, which reads YAML 1.2, as plain data. Raises Failure."""
    document = _first(parse_yaml, source, resolve_1_2)
    if not isinstance(document, ObjectValue):
        reason = document.reason if isinstance(document, Unknown) else "it is not a mapping"
        raise Failure(f"is not usable YAML: {reason}", source.path, document.span)
    found: dict[str, Any] = _as_plain(document)
    return found


def _as_plain(value: Value) -> Any:
    if isinstance(value, ObjectValue):
        pairs = (item for item in value.members if isinstance(item, Pair))
        return {known_text(pair.key) or "": _as_plain(pair.value) for pair in pairs}
    if isinstance(value, ListValue):
        return [_as_plain(item) for item in elements(value)]
    return scalar_text(value) if isinstance(value, Known) and value.value is not None else None


def _parameters(sections: Iterable[Value]) -> tuple[dict[str, Value], Unknown | None]:
    """Return the parameters of sections, where later sections win, and an unknown if some of them can't be read."""
    found: dict[str, Value] = {}
    rest = None
    for section in sections:
        if isinstance(section, Unknown):
            rest = section
        elif isinstance(section, Known) and section.value is not None:
            rest = Unknown("the parameters are replaced before the stack is deployed", section.span)
        for pair in section.members if isinstance(section, ObjectValue) else ():
            name = known_text(pair.key) if isinstance(pair, Pair) else None
            if name is None or "{{" in name:
                rest = Unknown("the parameters are replaced before the stack is deployed", section.span)
            elif isinstance(pair, Pair):
                found[name] = _parameter(pair.value)
    return found, rest


def _parameter(value: Value) -> Value:
    if isinstance(value, Known):
        text = scalar_text(value)
        if any(mark in text for mark in _PUT_IN_LATER):
            return Unknown(f"{text} is replaced before the stack is deployed", value.span)
        return value._replace(value=text)
    if isinstance(value, ListValue):
        items = [_parameter(item) for item in elements(value)]
        texts = [scalar_text(item) for item in items if isinstance(item, Known)]
        if len(texts) == len(items):
            return Known(",".join(texts), value.span)
    return Unknown("the parameter is resolved when the stack is deployed", value.span)


def _sam_parameters(commands: Mapping[str, Any], command: str) -> dict[str, Any]:
    section = commands.get(command)
    parameters = section.get("parameters") if isinstance(section, dict) else None
    return parameters if isinstance(parameters, dict) else {}


def _sam_headers(source: Source) -> dict[tuple[str, str], int]:
    """Return the offsets at which the settings of environments start, by environment and command.

    In YAML, all commands of an environment have one header, and the command is an empty text.
    """
    found: dict[tuple[str, str], int] = {}
    for header in _SAM_HEADER.finditer(source.text):
        quoted, bare, command, quoted_key, key = header.groups()
        environment = quoted or bare or quoted_key or key.rstrip()
        start = header.start() + len(header[0]) - len(header[0].lstrip())
        found.setdefault((environment, command or ""), start)
    return found


def _sam_span(source: Source, headers: Mapping[tuple[str, str], int], environment: str, command: str) -> Span:
    """Return the span of the first header of an environment that holds for a command."""
    starts = [headers[environment, item] for item in (command, "global", "") if (environment, item) in headers]
    start = min(starts, default=0)
    end = source.text.find("\n", start)
    return Span(source, start, end if end >= 0 else len(source.text))


def _flat(written: Any) -> Sequence[Any]:
    if written is None:
        return []
    return [item for part in written for item in _flat(part)] if isinstance(written, list) else [written]


def _sam_pairs(text: str) -> list[tuple[str, str]] | None:
    """Return the parameters in a text, or None if it is invalid."""
    found = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _SAM_PARAMETER.match(text, at)
        if match is None:
            return None
        name, value = (match[1], match[2]) if match[1] else (match[3], match[4])
        found.append((name, _sam_text(value)))
        at = match.end()
    return found


def _sam_text(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return re.sub(r"\\(.)", r"\1", value)


def _sam_value(value: Any, span: Span) -> Value:
    if isinstance(value, bool):
        return Known("true" if value else "false", span)
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    if any(mark in text for mark in _PUT_IN_LATER):
        return Unknown(f"{text} is replaced before the stack is deployed", span)
    return Known(text, span)
