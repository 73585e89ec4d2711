"""Check that constraints.txt has exactly the packages that the tests install."""

from __future__ import annotations

import re
from typing import Any

import tomli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from places import ROOT


def test_each_requirement_has_a_version_in_its_range() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line) for line in lines)
    versions = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}
    project: dict[str, Any] = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for text in [*project["dependencies"], *extras["cfn-lint"], *extras["completion"], *extras["test"]]:
        requirement = Requirement(text)
        if requirement.name != project["name"]:
            assert versions[canonicalize_name(requirement.name)] in requirement.specifier, text
