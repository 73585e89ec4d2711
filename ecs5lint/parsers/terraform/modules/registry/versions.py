"""Identify the well-known module of a source, and the versions that a call can use.

https://developer.hashicorp.com/terraform/language/modules/sources
https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import re

from ecs5lint.light_typing import NamedTuple

Version = tuple[int, ...]

_HOSTS = ("registry.terraform.io/", "registry.opentofu.org/")
#: A module on GitHub. The parts of the repository's name give its name in the registry.
_GITHUB = re.compile(
    r"(?:git::)?(?:https://|ssh://)?(?:[\w.:-]+@)?github\.com[/:](?P<namespace>[\w-]+)/"
    r"terraform-(?P<provider>[a-z0-9]+)-(?P<name>[\w-]+?)(?:\.git)?(?://(?P<path>[\w./-]+))?(?:\?(?P<query>.*))?"
)
#: A module of a registry, in Terragrunt's syntax.
_TFR = re.compile(r"tfr://(?P<host>[\w.-]*)/(?P<source>[^?]+)(?:\?(?P<query>.*))?")
#: A Git reference with a version. A branch or a commit has none.
_TAG = re.compile(r"(?:refs/)?(?:tags/)?v?(\d+\.\d+\.\d+)")
_CONSTRAINT = re.compile(r"\s*(?P<operator>~>|[<>]=?|!=|=|)\s*v?(?P<version>\d+(?:\.\d+){0,2})(?:[-+][\w.+-]*)?\s*")
#: The number of parts in a version.
_PARTS = 3


class ModuleSource(NamedTuple):
    """The name of a module in the registry, and the version constraint in the source itself, or None."""

    name: str
    constraint: str | None = None


def module_source(source: str) -> ModuleSource:
    """Return the registry module of a source: a registry source, Terragrunt's form of it, or a GitHub source.

    For any other source, the name is the source itself.
    """
    if match := _GITHUB.fullmatch(source):
        path = (match["path"] or "").strip("/")
        name = f"{match['namespace']}/{match['name']}/{match['provider']}"
        tag = _TAG.fullmatch(_query(match["query"]).get("ref", ""))
        return ModuleSource(f"{name}//{path}" if path else name, tag[1] if tag else None)
    if (match := _TFR.fullmatch(source)) and (not match["host"] or f"{match['host']}/" in _HOSTS):
        return ModuleSource(match["source"].rstrip("/"), _query(match["query"]).get("version"))
    for host in _HOSTS:
        source = source.removeprefix(host)
    return ModuleSource(source.rstrip("/"))


def _query(text: str | None) -> dict[str, str]:
    """Return the parameters after the question mark of a source."""
    pairs = (part.partition("=") for part in (text or "").split("&"))
    return {name: value for name, _, value in pairs}


class Range(NamedTuple):
    """The versions from `start`, included, to `end`, excluded. Without an `end`, there is no limit."""

    start: Version = (0, 0, 0)
    end: Version | None = None

    def shares(self, other: Range) -> bool:
        """Tell whether this range and another one have a version in common."""
        start = max(self.start, other.start)
        return all(end is None or start < end for end in (self.end, other.end))


def parsed(version: str) -> Version:
    """Return the three numbers of a version."""
    numbers = [int(part[:9]) for part in version.split(".")]
    return (*numbers, *[0] * (_PARTS - len(numbers)))


def allowed_versions(constraint: str) -> list[Range]:
    """Return the versions that a constraint allows. An empty or invalid constraint allows all versions."""
    ranges = [Range()]
    for part in constraint.split(",") if constraint.strip() else ():
        match = _CONSTRAINT.fullmatch(part)
        if match is None:
            return [Range()]
        allowed = _allowed(match["operator"], match["version"])
        ranges = [both for one in ranges for other in allowed if (both := intersection(one, other))]
    return ranges


def _allowed(operator: str, text: str) -> list[Range]:
    version = parsed(text)
    after = (*version[:-1], version[-1] + 1)
    if operator == "~>":
        kept = version[: max(text.count("."), 1)]
        end = (*kept[:-1], kept[-1] + 1, *[0] * (_PARTS - len(kept)))
        return [Range(version, end)]
    if operator == "!=":
        return [Range(end=version), Range(after)]
    if operator in (">", ">="):
        return [Range(version if operator == ">=" else after)]
    if operator in ("<", "<="):
        return [Range(end=version if operator == "<" else after)]
    return [Range(version, after)]


def intersection(one: Range, other: Range) -> Range | None:
    """Return the versions that two ranges have in common, or None if there are none."""
    if not one.shares(other):
        return None
    ends = [end for end in (one.end, other.end) if end is not None]
    return Range(max(one.start, other.start), min(ends) if ends else None)
