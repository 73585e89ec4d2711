"""Generate failing containers, each in one of the many spellings that its format allows.

The scan of bytes must not miss any: a walk finds each one, regardless of escapes, comments, line ends and first keys.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from hypothesis import strategies as st


class Spelled(NamedTuple):
    """The files of a project with a failing container, or another failing resource of a rule, and no passing one."""

    files: dict[str, bytes]
    rule: str = "ECS5"


Text = st.SearchStrategy[str]

_LINE_ENDS = st.sampled_from(["\n", "\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
_ENCODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"])


def _encoded(text: str, line_end: str, encoding: str) -> bytes:
    return text.replace("\n", line_end).encode(encoding)


# YAML


def _in_double_quotes(word: str, ways: list[int]) -> str:
    """Return a word in double quotation marks, with each character literal or as a YAML escape."""
    written = []
    for number, character in enumerate(word):
        code = ord(character)
        forms = (character, f"\\x{code:02x}", f"\\u{code:04X}", f"\\U{code:08x}", f"\\\n          {character}")
        form = forms[ways[number % len(ways)]]
        # YAML ignores white space after an escaped line break.
        written.append(character if number == 0 and form.startswith("\\\n") else form)
    return f'"{"".join(written)}"'


def _escaped(word: str) -> Text:
    return st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=1, max_size=7).map(
        lambda ways: _in_double_quotes(word, ways)
    )


def _key(word: str) -> Text:
    """Return the possible spellings of `word:` before a value."""
    as_key = st.one_of(
        st.sampled_from([word, f"'{word}'", f'"{word}"', f"&k {word}", f"!!str {word}", f"!!str &k '{word}'"]),
        _escaped(word),
    )
    return st.one_of(as_key.map(lambda text: f"{text}:"), as_key.map(lambda text: f"{text} :"))


def _scalar(word: str) -> Text:
    broken = st.lists(st.sampled_from([0, 1, 2, 3, 4]), min_size=1, max_size=7).map(
        lambda ways: _in_double_quotes(word, ways)
    )
    return st.one_of(
        st.sampled_from(
            [word, f"'{word}'", f"&v {word}", f"!!str {word}", f">-\n          {word}", f"|-\n          {word}"]
        ),
        st.sampled_from([f"# which\n          {word}", f"\n          {word}", f"!!str &v\n          {word}"]),
        broken,
    )


_BEFORE = [
    "",
    "",
    "# comment\n",
    "\n\n  # comment\n\n",
    "---\n",
    "--- # comment\n",
    "--- &root\n",
    "--- !!map\n",
    "&root\n",
    "!!map\n",
    "!!map &root # both\n",
    "%YAML 1.1\n---\n",
    "%YAML 1.1 # comment\n--- &root\n",
    "other: 1\n---\n",
    "--- text\n--- # another\n",
    "---\n...\n---\n",
    " " * 5_000 + "\n",
    "\n" * 500,
]
_FIRST = [
    "",
    "",
    "größe: 1\n",
    '"made by": someone\n',
    "made by: someone\n",
    "? who\n: someone\n",
    "? |\n  who\n: someone\n",
    "<<: {of: some}\n",
    "<<: [{of: some}]\n",
    "&first who: someone\n",
    "!!str who: someone\n",
    "'it''s': 1\n",
    "owner@example: ops\n",
    "%: 1\n".replace("%", "x%"),
    "1: 2\n",
    "~: 1\n",
    "-x: 1\n",
    "a:b: c\n",
    '"": 1\n',
    '"\\\n  who": 1\n'.replace('"\\\n  who"', '"w\\x68o"'),
    "日本語: 1\n",
    "🚢: 1\n",
    "(a) [b] {c}: 1\n",
    "?x: 1\n",
    "x: |\n  {{ text }}\n",
    "who: &it someone\n*it : 1\n",
]

_TEMPLATE = """\
{before}{first}{resources}
  Task:
    {type} {task_definition}
    {properties}
      {containers}
        - {name} web
          {image} example/web
"""
_TASK = """\
{before}{first}{family} web
{containers}
  - {name} web
    {image} example/web
"""


def _filled(template: str, **parts: Text) -> Text:
    return st.fixed_dictionaries(parts).map(lambda texts: template.format(**texts))


_template_text = _filled(
    _TEMPLATE,
    before=st.sampled_from(_BEFORE),
    first=st.sampled_from(_FIRST),
    resources=_key("Resources"),
    type=_key("Type"),
    task_definition=_scalar("AWS::ECS::TaskDefinition"),
    properties=_key("Properties"),
    containers=_key("ContainerDefinitions"),
    name=_key("Name"),
    image=_key("Image"),
)
_task_text = _filled(
    _TASK,
    before=st.sampled_from(_BEFORE),
    first=st.sampled_from(_FIRST),
    family=_key("family"),
    containers=_key("containerDefinitions"),
    name=_key("name"),
    image=_key("image"),
)
_YAML_NAMES = st.sampled_from(
    "a.yaml a.yml a.template a.txt a makefile-a.yaml gemfile_a.yml Dockerfile.yaml jenkinsfile.relay a.yaml.j2".split()
)


def _one_file(name: str, text: str, line_end: str, encoding: str) -> Spelled:
    return Spelled({name: _encoded(text, line_end, encoding)})


yaml = st.builds(_one_file, _YAML_NAMES, st.one_of(_template_text, _task_text), _LINE_ENDS, _ENCODINGS)


# JSON and flow style


def _json_escaped(word: str, ways: list[int]) -> str:
    forms = [(character, f"\\u{ord(character):04x}", f"\\u{ord(character):04X}") for character in word]
    return f'"{"".join(form[ways[number % len(ways)]] for number, form in enumerate(forms))}"'


def _string(word: str) -> Text:
    return st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=1, max_size=7).map(
        lambda ways: _json_escaped(word, ways)
    )


_TASK_JSON = '{before}{{{family}: "web",\n {containers}: [\n  {{{name}: "web", {image}: "example/web"}}]}}{after}'
_LIST_JSON = '{before}[{{{name}: "web", {image}: "example/web", {key}: false}}]{after}'
_TEMPLATE_JSON = (
    '{before}{{{resources}: {{"Task": {{{type}: {task_definition},\n'
    '  {properties}: {{{containers}: [\n   {{{name}: "web", {image}: "example/web"}}]}}}}}}}}{after}'
)
_TASK_TREE = {"family": "web", "containerDefinitions": [{"name": "web", "image": "example/web"}]}
_COMMENTS = ["# comment\n", "  # one\n\n# two {\n"]
_OTHER_COMMENTS = ["// comment\n", "/* comment { */", "/* a\n * b\n */\n// c\n", "; comment\n", "# a\n// b\n"]
_SPACE = ["", "", "\n\n", "\t", " " * 5_000, "\r\n"]
_AFTER = st.sampled_from(["", "\n", "\n\n  "])
_JSON_NAMES = st.sampled_from(
    "a.json a.template a.txt a makefile-a.json gemfile_a.json dockerfile.json a.jsonnet a.cue a.json.tpl".split()
)


def _json_names(words: str) -> dict[str, Text]:
    return {name: _string(word) for name, word in (item.split("=") for item in words.split())}


_json_text = st.one_of(
    _filled(
        _TASK_JSON,
        before=st.sampled_from([*_SPACE]),
        after=_AFTER,
        **_json_names("family=family containers=containerDefinitions name=name image=image"),
    ),
    _filled(
        _LIST_JSON,
        before=st.sampled_from([*_SPACE]),
        after=_AFTER,
        key=st.sampled_from("essential readonlyRootFilesystem".split()).flatmap(_string),
        **_json_names("name=name image=image"),
    ),
    _filled(
        _TEMPLATE_JSON,
        before=st.sampled_from([*_SPACE]),
        after=_AFTER,
        **_json_names(
            "resources=Resources type=Type task_definition=AWS::ECS::TaskDefinition properties=Properties "
            "containers=ContainerDefinitions name=Name image=Image"
        ),
    ),
)
_FLOW = [
    "{family: web, containerDefinitions: [{name: web, image: example/web}]}\n",
    "{'family': web, \"container\\x44efinitions\": [{name: web, image: example/web}]}\n",
    "[{name: web, image: example/web, essential: true}]\n",
    "{Resources: {Task: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: web}]}}}}\n",
]
json_files = st.one_of(
    st.builds(_one_file, _JSON_NAMES, _json_text, st.sampled_from(["\n", "\r\n", "\r"]), _ENCODINGS),
    st.builds(
        lambda name, comment, text, line_end: _one_file(name, comment + text.lstrip("\t"), line_end, "utf-8"),
        st.sampled_from("a.json a.yaml a makefile-a.json".split()),
        st.sampled_from(_COMMENTS),
        _json_text,
        st.sampled_from(["\n", "\r\n"]),
    ),
    st.builds(
        lambda comment, space: _one_file("a.json", comment + space + json.dumps(_TASK_TREE), "\n", "utf-8"),
        st.sampled_from(_OTHER_COMMENTS),
        st.sampled_from(_SPACE),
    ),
    st.builds(
        lambda name, before, text, line_end: _one_file(name, before + text, line_end, "utf-8"),
        st.sampled_from("a.yaml a.yml a".split()),
        st.sampled_from(
            ["", "--- ", "---\n", "--- &root ", "--- !!map ", "# c\n\n# d\n", "%YAML 1.1\n--- ", "a: 1\n--- "]
        ),
        st.sampled_from(_FLOW[:2] + _FLOW[3:]),
        _LINE_ENDS,
    ),
)


# Terraform


def _hcl_label(word: str, ways: list[int]) -> str:
    forms = [(character, f"\\u{ord(character):04x}", f"\\U{ord(character):08X}") for character in word]
    return f'"{"".join(form[ways[number % len(ways)]] for number, form in enumerate(forms))}"'


def _label(word: str) -> Text:
    ways = st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=1, max_size=7)
    return st.one_of(st.just(word), ways.map(lambda chosen: _hcl_label(word, chosen)))


_HCL = """\
{before}resource{space}{type}{space}{name}{space}{{
  family = "web"
  container_definitions = jsonencode([{{ name = "web", image = "example/web" }}])
}}
"""
_hcl_text = _filled(
    _HCL,
    before=st.sampled_from(["", "# comment\n", "/* resource { */\n", "// c\n\n", "locals {}\n"]),
    space=st.sampled_from([" ", "\t", " /* c */ ", "  "]),
    type=st.sampled_from(["aws_ecs_task_definition", "awscc_ecs_task_definition"][:1]).flatmap(_label),
    name=_label("web"),
)
_TF_JSON = '{{{resource}: {{{type}: {{"web": {{"family": "web", "container_definitions": {containers}}}}}}}}}'
_CONTAINERS = json.dumps('${jsonencode([{ name = "web", image = "example/web" }])}')
_tf_json_text = _filled(
    _TF_JSON,
    resource=_string("resource"),
    type=_string("aws_ecs_task_definition"),
    containers=st.just(_CONTAINERS),
)
terraform = st.one_of(
    st.builds(
        _one_file, st.sampled_from(["main.tf", "x.tofu"]), _hcl_text, st.sampled_from(["\n", "\r\n"]), _ENCODINGS
    ),
    st.builds(_one_file, st.sampled_from(["main.tf.json", "x.tofu.json"]), _tf_json_text, st.just("\n"), _ENCODINGS),
)


# A stack with a nested template, to which it passes the value that makes it fail

_CHILD = b"""\
Parameters:
  Locked: {Type: String, Default: "true"}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - {Name: web, Image: example/web, ReadonlyRootFilesystem: !Ref Locked}
"""
_PARENT = """\
{before}Parameters:
  Url: {{Type: String, Default: child.yaml}}
  Large: {{Type: String}}
Conditions:
  IsLarge: !Equals [!Ref Large, "yes"]
Mappings:
  Files: {{web: {{url: child.yaml}}}}
Resources:
  Web:
    {type}
    Properties:
      Parameters: {{Locked: "false"}}
      {place}: {url}
"""
_URLS = [
    "child.yaml",
    "./child.yaml",
    "!Sub child.yaml",
    "!Sub './child.yaml'",
    "!If [IsLarge, child.yaml, child.yaml]",
    "!If [IsLarge, !Sub child.yaml, {'Fn::Sub': child.yaml}]",
    "!FindInMap [Files, web, url]",
    "!Join ['', [child, .yaml]]",
    "!Join [., [child, yaml]]",
    "!Select [0, [child.yaml]]",
    "!Select [1, !Split ['|', 'a|child.yaml']]",
    "{'Fn::Join': ['', ['child', '.yaml']]}",
    "!Sub ['${N}.yaml', {N: child}]",
    "{'Fn::FindInMap': [Files, web, url]}",
    "!<!Sub> child.yaml",
]


def _nested(before: str, kind: tuple[str, str], type_key: str, url: str, line_end: str) -> Spelled:
    name, place = kind
    text = _PARENT.format(before=before, type=f"{type_key} {name}", place=place, url=url)
    return Spelled({"parent.yaml": _encoded(text, line_end, "utf-8"), "child.yaml": _CHILD})


nested = st.sampled_from(
    [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")]
).flatmap(
    lambda kind: st.builds(
        _nested,
        st.sampled_from(_BEFORE[:12]),
        _scalar(kind[0]).map(lambda name: (name, kind[1])),
        _key("Type"),
        st.one_of(_scalar("child.yaml"), st.sampled_from(_URLS)),
        _LINE_ENDS,
    )
)

# Services that assign public IP addresses

_SERVICE_TEMPLATE = """\
{before}{first}{resources}
  Web:
    {type} {service}
    {properties}
      {network}
        {vpc}
          {public_ip} ENABLED
"""
_SERVICE = """\
{before}{first}{name} web
{definition} web
{network}
  {vpc}
    {public_ip} ENABLED
"""
_SERVICE_JSON = (
    '{before}{{{name}: "web",\n {definition}: "web",\n {network}: {{{vpc}: {{{public_ip}: "ENABLED"}}}}}}{after}'
)
_SERVICE_TEMPLATE_JSON = (
    '{before}{{{resources}: {{"Web": {{{type}: {service},\n'
    '  {properties}: {{{network}: {{{vpc}: {{{public_ip}: "ENABLED"}}}}}}}}}}}}{after}'
)
_API_WORDS = (
    "name=serviceName definition=taskDefinition network=networkConfiguration vpc=awsvpcConfiguration "
    "public_ip=assignPublicIp"
)
_TEMPLATE_WORDS = (
    "resources=Resources type=Type properties=Properties network=NetworkConfiguration vpc=AwsvpcConfiguration "
    "public_ip=AssignPublicIp"
)
_SERVICE_HCL = """\
resource{space}{type}{space}{name}{space}{{
  network_configuration {{
    assign_public_ip = true
  }}
}}
"""


def _yaml_keys(words: str) -> dict[str, Text]:
    return {name: _key(word) for name, word in (item.split("=") for item in words.split())}


def _service(name: str, text: str, line_end: str, encoding: str) -> Spelled:
    return _one_file(name, text, line_end, encoding)._replace(rule="ECS2")


_starts = {"before": st.sampled_from(_BEFORE), "first": st.sampled_from(_FIRST)}
_ends = {"before": st.sampled_from(_SPACE), "after": _AFTER}
services = st.one_of(
    st.builds(
        _service,
        _YAML_NAMES,
        st.one_of(
            _filled(_SERVICE, **_starts, **_yaml_keys(_API_WORDS)),
            _filled(_SERVICE_TEMPLATE, **_starts, **_yaml_keys(_TEMPLATE_WORDS), service=_scalar("AWS::ECS::Service")),
        ),
        _LINE_ENDS,
        _ENCODINGS,
    ),
    st.builds(
        _service,
        _JSON_NAMES,
        st.one_of(
            _filled(_SERVICE_JSON, **_ends, **_json_names(_API_WORDS)),
            _filled(
                _SERVICE_TEMPLATE_JSON, **_ends, **_json_names(_TEMPLATE_WORDS), service=_string("AWS::ECS::Service")
            ),
        ),
        st.sampled_from(["\n", "\r\n", "\r"]),
        _ENCODINGS,
    ),
    st.builds(
        _service,
        st.sampled_from(["main.tf", "x.tofu"]),
        _filled(
            _SERVICE_HCL,
            space=st.sampled_from([" ", "\t", " /* c */ "]),
            type=_label("aws_ecs_service"),
            name=_label("web"),
        ),
        st.sampled_from(["\n", "\r\n"]),
        _ENCODINGS,
    ),
)


SPELLINGS: dict[str, st.SearchStrategy[Spelled]] = {
    "yaml": yaml,
    "json": json_files,
    "terraform": terraform,
    "nested": nested,
    "services": services,
}
