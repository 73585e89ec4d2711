"""Register the rules.

A rule is a control of AWS Security Hub. Its logic is the module of the same name in this folder, which is imported on
use, and its page is docs/rules/ID.md. To add a rule, add its line here, its module, and its page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ecs5lint import DOCUMENTATION
from ecs5lint.light_typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from ecs5lint.settings.settings import DEFAULT_RULES, Reads, Settings

if TYPE_CHECKING:
    from ecs5lint.model.result import Result

#: The name that selects all rules, except those that need a configuration.
ALL = "ALL"

_TASK_DEFINITION = "task_definition"

_CONTROLS = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html"


class Logic(Protocol):
    """The interface of a rule's module. `REASONS` has every possible reason of its results, with the meaning."""

    REASONS: Mapping[str, str]

    def judge(self, resource: Any, /, settings: Settings) -> list[Result]:
        """Return the results for a resource of the rule's type.

        If the settings are strict, a result that relies on a default is unknown.
        """


class Rule(NamedTuple):
    """A rule.

    `severity` is that of the control in Security Hub. `checkov`, `cfn_guard`, `kics` and `trivy` are the ids of the
    same control in other linters. A rule that `needs_configuration` is not part of ALL. `resource` is the type of
    the resource that the rule checks. `reads` has the properties of it that a rule checks in place of its containers,
    and `within` the members of their objects that it reads, at any depth. `members` has those of a container. Both are
    in small letters without separators (None: any).
    """

    id: str
    title: str
    severity: str
    checkov: tuple[str, ...] = ()
    cfn_guard: tuple[str, ...] = ()
    kics: tuple[str, ...] = ()
    trivy: tuple[str, ...] = ()
    needs_configuration: bool = False
    resource: str = _TASK_DEFINITION
    reads: tuple[str, ...] = ()
    within: frozenset[str] | None = None
    members: frozenset[str] | None = None

    @property
    def url(self) -> str:
        """The URL of AWS's description of the control."""
        return f"{_CONTROLS}#ecs-{self.id.removeprefix('ECS')}"

    @property
    def page(self) -> str:
        """The URL of the rule's page in the documentation. Before that has an address, it is AWS's description."""
        return f"{DOCUMENTATION}rules/{self.id}/" if DOCUMENTATION else self.url

    @property
    def cfn_lint(self) -> tuple[str, str]:
        """The ids of the rule in the cfn-lint plugin, for a fail and for an unknown."""
        number = f"{int(self.id.removeprefix('ECS')):03}"
        return f"E9{number}", f"W9{number}"

    def logic(self) -> Logic:
        """Import and return the module of the rule."""
        # Unlike this, importlib would import more modules.
        module: Logic = __import__(f"ecs5lint.rules.{self.id.lower()}", fromlist=["judge"])
        return module


#: The setting of ECS5 with its misspellings, and what its remedies depend on.
_ECS5_MEMBERS = (
    "readonlyrootfilesystem readonlyrootfs readonlyfilesystem readonlyrootfile readonlyroot "
    "image user mountpoints linuxparameters"
)

#: The setting of ECS2 and ECS16, in its property.
_PUBLIC_IP = frozenset(("awsvpcconfiguration", "assignpublicip"))

#: The rules by id, in the order of reports.
RULES = {
    rule.id: rule
    for rule in (
        Rule(
            "ECS2",
            "services assign no public IP addresses",
            "high",
            checkov=("CKV_AWS_333",),
            cfn_guard=("ecs_service_assign_public_ip_disabled_check",),
            kics=("bafe7989-3c4b-47f0-910b-e6e1cba7f146", "c0c26068-fdf0-40e5-9b3b-fc8a5f585d2e"),
            resource="service",
            reads=("networkConfiguration",),
            within=_PUBLIC_IP,
        ),
        Rule(
            "ECS3",
            "task definitions do not share the host's process namespace",
            "high",
            checkov=("CKV_AWS_335",),
            cfn_guard=("ecs_task_definition_pid_mode_check",),
            reads=("pidMode",),
        ),
        Rule(
            "ECS4",
            "containers are not privileged",
            "high",
            checkov=("CKV_AWS_334",),
            cfn_guard=("ecs_containers_nonprivileged_check",),
        ),
        Rule(
            "ECS5",
            "containers have a read-only root filesystem",
            "high",
            checkov=("CKV_AWS_336",),
            cfn_guard=("ecs_containers_readonly_access_check",),
            members=frozenset(_ECS5_MEMBERS.split()),
        ),
        Rule(
            "ECS8",
            "containers have no credentials in environment variables",
            "high",
            cfn_guard=("ecs_no_environment_secrets_check",),
        ),
        Rule(
            "ECS9",
            "containers have a log configuration",
            "high",
            cfn_guard=("ecs_task_definition_log_configuration_check",),
        ),
        Rule(
            "ECS10",
            "Fargate services run on the latest platform version",
            "medium",
            checkov=("CKV_AWS_332",),
            cfn_guard=("ecs_fargate_latest_platform_version_check",),
            resource="service",
            reads=("platformVersion", "launchType", "capacityProviderStrategy", "platformFamily"),
            within=frozenset(("capacityprovider",)),
        ),
        Rule(
            "ECS12",
            "clusters use Container Insights",
            "medium",
            checkov=("CKV_AWS_65",),
            cfn_guard=("ecs_container_insights_enabled_check",),
            kics=("97cb0688-369a-4d26-b1f7-86c4c91231bc", "ab759fde-e1e8-4b0e-ad73-ba856e490ed8"),
            trivy=("AWS-0034", "AWS-ECS-ENABLE-CONTAINER-INSIGHT", "ENABLE-CONTAINER-INSIGHT"),
            resource="cluster",
            reads=("settings", "accountSettings"),
        ),
        Rule("ECS13", "services have tags", "low", needs_configuration=True, resource="service", reads=("tags",)),
        Rule("ECS14", "clusters have tags", "low", needs_configuration=True, resource="cluster", reads=("tags",)),
        Rule("ECS15", "task definitions have tags", "low", needs_configuration=True, reads=("tags",)),
        Rule(
            "ECS16",
            "task sets assign no public IP addresses",
            "high",
            resource="task_set",
            reads=("networkConfiguration",),
            within=_PUBLIC_IP,
        ),
        Rule("ECS17", "task definitions do not use the host's network", "medium", reads=("networkMode",)),
        Rule(
            "ECS18",
            "EFS volumes are encrypted in transit",
            "medium",
            checkov=("CKV_AWS_97",),
            kics=(
                "4d46ff3b-7160-41d1-a310-71d6d370b08f",
                "4c3267c9-b2ac-40bf-93f6-b610fb8c7b9f",
                "c1282e03-b285-4637-aee7-eefe3a7bb658",
                "6c131358-c54d-419b-9dd6-1f7dd41d180c",
            ),
            trivy=("AWS-0035", "AWS-ECS-ENABLE-IN-TRANSIT-ENCRYPTION", "ENABLE-IN-TRANSIT-ENCRYPTION"),
            reads=("volumes",),
            within=frozenset(("name", "efsvolumeconfiguration", "transitencryption")),
        ),
        Rule(
            "ECS19",
            "capacity providers protect instances from termination",
            "medium",
            resource="capacity_provider",
            reads=("autoScalingGroupProvider",),
            within=frozenset(("managedterminationprotection",)),
        ),
        Rule(
            "ECS20",
            "containers on Linux do not run as root",
            "medium",
            cfn_guard=("ecs_task_definition_nonroot_user_check",),
        ),
        Rule("ECS21", "containers on Windows do not run as an administrator", "medium"),
    )
}

if TYPE_CHECKING:
    from ecs5lint.rules import (
        ecs2,
        ecs3,
        ecs4,
        ecs5,
        ecs8,
        ecs9,
        ecs10,
        ecs12,
        ecs13,
        ecs14,
        ecs15,
        ecs16,
        ecs17,
        ecs18,
        ecs19,
        ecs20,
        ecs21,
    )

    #: The modules, for the type checker.
    _LOGIC: Sequence[Logic] = (ecs2, ecs3, ecs4, ecs5, ecs8, ecs9, ecs10)
    _MORE_LOGIC: Sequence[Logic] = (ecs12, ecs13, ecs14, ecs15, ecs16, ecs17, ecs18, ecs19, ecs20, ecs21)


def rule_named(name: str) -> str | None:
    """Return the id of the rule with this name (case-insensitive, dot optional), or None."""
    folded = name.strip().upper().replace(".", "")
    return folded if folded in RULES else None


def parse_names(text: str) -> list[str]:
    """Return the ids in a list such as "ECS4, ecs.5". ALL stays unchanged. Raises ValueError for an unknown rule."""
    return [_parse_name(name) for name in text.split(",")]


def _parse_name(name: str) -> str:
    found = ALL if name.strip().upper() == ALL else rule_named(name)
    if found is None:
        from ecs5lint.settings.suggestion import suggestion

        raise ValueError(f'unknown rule "{name.strip()}"; {suggestion(name.strip().upper(), [*RULES, ALL])}')
    return found


def selected(
    select: Iterable[str] = DEFAULT_RULES, ignore: Iterable[str] = (), required_tags: Sequence[str] | None = ()
) -> tuple[str, ...]:
    """Return the ids of the rules to check, in the order of the table.

    Raises ValueError if no rule is left, or if one needs the required tags and these are None.
    """
    found = tuple(rule for rule in RULES if rule in _expanded(select) and rule not in _expanded(ignore))
    if not found:
        raise ValueError("no rule is selected: all of them are ignored")
    lacking = [rule for rule in found if RULES[rule].needs_configuration] if required_tags is None else []
    if lacking:
        raise ValueError(f"{', '.join(lacking)}: set required-tags in the configuration")
    return found


def reads_of(rules: Iterable[str]) -> Reads:
    """Return what rules read."""
    properties: dict[str, tuple[str, ...]] = {}
    members: list[frozenset[str] | None] = []
    within: dict[str, frozenset[str] | None] = {}
    for rule in (RULES[name] for name in rules):
        properties[rule.resource] = (*properties.get(rule.resource, ()), *rule.reads)
        for name in rule.reads:
            within[name] = _joined(within.get(name, frozenset()), rule.within)
        if rule.resource == _TASK_DEFINITION:
            members.append(rule.members)
    known = [names for names in members if names is not None]
    return Reads(
        properties.pop(_TASK_DEFINITION, ()),
        frozenset().union(*known) if len(known) == len(members) else None,
        properties,
        within={name: names for name, names in within.items() if names is not None},
    )


def _joined(first: frozenset[str] | None, second: frozenset[str] | None) -> frozenset[str] | None:
    """Return the names in both sets. None stands for any name."""
    return None if first is None or second is None else first | second


def _expanded(names: Iterable[str]) -> set[str]:
    """Return the ids, with ALL expanded."""
    found = set(names)
    return found | {rule.id for rule in RULES.values() if not rule.needs_configuration} if ALL in found else found
