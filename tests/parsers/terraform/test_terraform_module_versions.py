"""Test module sources and version constraints."""

from __future__ import annotations

import pytest

from ecs5lint.parsers.terraform.modules.registry.versions import (
    ModuleSource,
    Range,
    Version,
    allowed_versions,
    module_source,
)

SERVICE = "terraform-aws-modules/ecs/aws//modules/service"
REPOSITORY = "github.com/terraform-aws-modules/terraform-aws-ecs"


@pytest.mark.parametrize(
    ("constraint", "ranges"),
    [
        ("", [((0, 0, 0), None)]),
        (" ", [((0, 0, 0), None)]),
        (">= 5.0", [((5, 0, 0), None)]),
        ("> 5.0.0, <= 5.0.1", [((5, 0, 1), (5, 0, 2))]),
        ("~> 5", [((5, 0, 0), (6, 0, 0))]),
        ("~> 5.11", [((5, 11, 0), (6, 0, 0))]),
        ("~> 5.11.2", [((5, 11, 2), (5, 12, 0))]),
        (">= 5.0, < 6.0.0", [((5, 0, 0), (6, 0, 0))]),
        ("6.1.0", [((6, 1, 0), (6, 1, 1))]),
        ("= v6.1.0", [((6, 1, 0), (6, 1, 1))]),
        ("~> 5.0, != 5.7.0", [((5, 0, 0), (5, 7, 0)), ((5, 7, 1), (6, 0, 0))]),
        (">= 6, < 6", []),
        ("latest", [((0, 0, 0), None)]),
    ],
)
def test_a_constraint_allows_versions(constraint: str, ranges: list[tuple[Version, Version | None]]) -> None:
    assert allowed_versions(constraint) == [Range(start, end) for start, end in ranges]


@pytest.mark.parametrize(
    ("source", "name", "constraint"),
    [
        (SERVICE, SERVICE, None),
        (f"registry.terraform.io/{SERVICE}", SERVICE, None),
        (f"registry.opentofu.org/{SERVICE}", SERVICE, None),
        (f"tfr:///{SERVICE}?version=5.12.0", SERVICE, "5.12.0"),
        (f"tfr://registry.terraform.io/{SERVICE}?version=5.12.0", SERVICE, "5.12.0"),
        (f"tfr://example.com/{SERVICE}?version=5.12.0", f"tfr://example.com/{SERVICE}?version=5.12.0", None),
        (f"{REPOSITORY}//modules/service?ref=v5.12.0", SERVICE, "5.12.0"),
        (f"git::https://{REPOSITORY}.git//modules/service?depth=1&ref=v5.12.0", SERVICE, "5.12.0"),
        (f"git::https://{REPOSITORY}.git//modules/service/?ref=refs/tags/v5.12.0&depth=1", SERVICE, "5.12.0"),
        (f"git::ssh://git@{REPOSITORY}.git//modules/service?ref=tags/5.12.0", SERVICE, "5.12.0"),
        (f"git@{REPOSITORY.replace('/', ':', 1)}.git//modules/service?ref=5.12.0", SERVICE, "5.12.0"),
        (f"{REPOSITORY}//modules/service", SERVICE, None),
        (f"{REPOSITORY}//modules/service?ref=master", SERVICE, None),
        (f"{REPOSITORY}//modules/service?ref=release-5", SERVICE, None),
        (f"{REPOSITORY}//modules/service?ref=5.x", SERVICE, None),
        (f"{REPOSITORY}//modules/service?ref=5", SERVICE, None),
        (f"{REPOSITORY}//modules/service?ref=feature/v5.12.0", SERVICE, None),
        (f"{REPOSITORY}//modules/service?ref=5abcdef0123456789", SERVICE, None),
        ("example.com/a/b//c?ref=v1.2.3", "example.com/a/b//c?ref=v1.2.3", None),
    ],
)
def test_a_source_means_a_module(source: str, name: str, constraint: str | None) -> None:
    assert module_source(source) == ModuleSource(name, constraint)
