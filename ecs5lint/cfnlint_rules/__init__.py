"""Provide the rules as a cfn-lint plugin: `cfn-lint template.yaml -a ecs5lint.cfnlint_rules`.

It checks the template that cfn-lint decoded, with the same evaluator as the command line. A nested template is checked
when cfn-lint receives it. E9005 reports failing containers. W9005 reports containers whose value cannot be determined.
Other rules, such as E9004 and W9004, must be enabled.

With

    configure_rules:
      E9004:
        enabled: true
      E9005:
        strict: true

results that rely on a default are errors, and values that cannot be determined are E9005 too. E9013, E9014 and E9015
have `required_tags`, the keys of the tags that they require. Without, they require a tag with any key.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template as CfnLintTemplate

from ecs5lint.cfnlint_rules.decoded import decoded_template
from ecs5lint.files.workspace import Workspace
from ecs5lint.findings.suppressions import may_be_suppressed
from ecs5lint.light_typing import Any
from ecs5lint.location import Source, Span
from ecs5lint.model.result import FAIL, UNKNOWN, Result, resources_of, sources_of
from ecs5lint.parsers.cloudformation.language.deployment import Deployment
from ecs5lint.parsers.cloudformation.language.intrinsics import LANGUAGE
from ecs5lint.parsers.cloudformation.language.stack import Stack
from ecs5lint.parsers.cloudformation.language.template import Template, syntax_of
from ecs5lint.parsers.cloudformation.resources import ecs_resources
from ecs5lint.rules import RULES, Rule, reads_of
from ecs5lint.settings.settings import DEFAULT_RULES, Settings
from ecs5lint.values.kinds import Absent, ObjectValue
from ecs5lint.values.members import member

#: Text that requires another parse: merge keys, and line ends other than a line feed.
_READ_AGAIN = r"<<|[\x85\u2028\u2029]|\r(?!\n)"

#: The name of standard input. cfn-lint keeps no text of it.
_STDIN = "-"

_TAGS = ["resources", "ecs", "security"]

_REQUIRED_TAGS = "required_tags"


def _settings(rule: Rule) -> dict[str, Any]:
    """Return the definition of the settings of a cfn-lint rule."""
    settings: dict[str, Any] = {
        "enabled": {"default": rule.id in DEFAULT_RULES, "type": "boolean"},
        "strict": {"default": False, "type": "boolean"},
    }
    if rule.needs_configuration:
        settings[_REQUIRED_TAGS] = {"default": [], "type": "list", "itemtype": "string"}
    return settings


def _classes(rule: Rule) -> tuple[type[CloudFormationLintRule], type[CloudFormationLintRule]]:
    """Return the two cfn-lint rules for a rule: one for failures, one for unknowns."""
    number = int(rule.id.removeprefix("ECS"))
    title = f"ECS {rule.title}"

    class Failing(CloudFormationLintRule):  # type: ignore[misc]
        """The cfn-lint rule for failures."""

        id = f"E9{number:03}"
        shortdesc = title
        description = f"AWS Security Hub control {rule.id.replace('ECS', 'ECS.')}: {rule.title}"
        source_url = rule.page
        tags = _TAGS

        def __init__(self) -> None:
            super().__init__()
            self.config_definition = _settings(rule)
            self.child_rules = {Unsettled.id: None}
            self.configure()

        def match(self, cfn: CfnLintTemplate) -> list[RuleMatch]:
            """Return a match for each failure and each unknown. Any error is only logged."""
            try:
                return list(self._matches(cfn)) if self.config["enabled"] else []
            except Exception:
                self.logger.debug("ecs5lint could not check %s", cfn.filename, exc_info=True)
                return []

        def _matches(self, cfn: CfnLintTemplate) -> Iterator[RuleMatch]:
            strict = bool(self.config["strict"])
            settings = Settings(strict=strict, required_tags=tuple(self.config.get(_REQUIRED_TAGS, ())))
            for result, template in _judged(rule, settings, cfn):
                is_error = strict or result.verdict == FAIL
                yield _match(result, template, self if is_error else self.child_rules[Unsettled.id])

    class Unsettled(CloudFormationLintRule):  # type: ignore[misc]
        """The cfn-lint rule for unknowns."""

        id = f"W9{number:03}"
        shortdesc = f"{title}, as far as the template determines it"
        description = f"{Failing.description}, where the template does not determine it"
        source_url = rule.page
        tags = _TAGS

        def __init__(self) -> None:
            super().__init__()
            # The other rule runs the evaluation for both rules.
            self.parent_rules = [Failing.id]

    return Failing, Unsettled


#: The cfn-lint rules by ID. cfn-lint collects every class of the module.
CLASSES = {found.id: found for rule in RULES.values() for found in _classes(rule)}
globals().update(CLASSES)


def _judged(rule: Rule, settings: Settings, cfn: CfnLintTemplate) -> Iterator[tuple[Result, Template]]:
    """Yield the failures and the unknowns, each with its template."""
    deployment = Deployment(Workspace((cfn.filename,) if cfn.filename else ()), {}, types=reads_of([rule.id]).resources)
    for template in _templates(cfn, deployment):
        results = [
            result
            for resource in ecs_resources(Stack(template, deployment, LANGUAGE))
            if not resource.via and resource.type == rule.resource
            for result in rule.logic().judge(resource, settings)
        ]
        for result in _not_suppressed(results):
            if result.verdict in (FAIL, UNKNOWN):
                yield result, template


def _not_suppressed(results: list[Result]) -> list[Result]:
    """Return the results after our own suppressions, by comments and Metadata. cfn-lint handles its own."""
    settings = Settings(honor_other_linters=False)
    resources = resources_of(results)
    if may_be_suppressed(resources, sources_of(results, resources), settings):
        from ecs5lint.findings.suppressions.suppress import suppress
        from ecs5lint.parsers.comments import comments

        return suppress(results, settings, comments, today=time.strftime("%Y-%m-%d"))[0]
    return results


def _templates(cfn: CfnLintTemplate, deployment: Deployment) -> list[Template]:
    """Return the template that cfn-lint decoded. Parse it again if cfn-lint changed its content."""
    if not cfn.filename:
        source = Source(_STDIN, text := _blank_text(cfn.template.end_mark.line), syntax_of(text))
    else:
        source = deployment.workspace.read(cfn.filename, "yaml")
        if _is_changed(cfn, source.text):
            return deployment.templates(source.path)
    document = decoded_template(cfn.template, Source(source.path, source.text, syntax_of(source.text)))
    template = deployment.template(document, source.path)
    return [template] if template else []


def _is_changed(cfn: CfnLintTemplate, text: str) -> bool:
    """Tell whether cfn-lint's decoded template may differ from the text.

    cfn-lint replaces the loops of AWS::LanguageExtensions by their results, and guesses collections. In a list of merge
    keys (`<<: [*a, *b]`), the last mapping wins with PyYAML 6.0.4, and the first with any other version. cfn-lint also
    counts the other line ends of YAML 1.1, so that its line numbers differ from those of the text.
    """
    return "AWS::LanguageExtensions" in cfn.transform_pre["Transform"] or re.search(_READ_AGAIN, text) is not None


def _blank_text(last_line: int) -> str:
    """Return a blank text as large as standard input, whose text is gone. It keeps positions distinct."""
    return (" " * 200 + "\n") * (last_line + 2)


def _match(result: Result, template: Template, rule: Any) -> RuleMatch:
    """Return a match at the deciding value. A value in an included file has no position in the template."""
    address = result.resource.address
    resources = member(template.root, "Resources")
    is_here = isinstance(resources, ObjectValue) and not isinstance(member(resources, address), Absent)
    path = ["Resources", address] if is_here else ["Resources"]
    for span in (result.value_location, result.location):
        if span and span.source is template.source and span.path != _STDIN:
            return RuleMatch(path, result.message, rule=rule, location=_location(span))
    return RuleMatch(path, result.message, rule=rule)


def _location(span: Span) -> tuple[int, int, int, int]:
    """Return the lines and columns of a span as cfn-lint counts them, from 0."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return line - 1, column - 1, end_line - 1, end_column - 1
