"""Test that the exceptions of a configuration find what comparing each with each would find."""

from __future__ import annotations

import os
import re
from fnmatch import translate

from hypothesis import given, reject
from hypothesis import strategies as st

from ecs5lint.files.gitignore import Patterns
from ecs5lint.files.globs import Globs
from ecs5lint.findings.suppressions.configured import Files, Names

PARTS = st.sampled_from(["a", "b", "ab", "[0]", "\n", "é", "\U0010ffff", ""])
GLOB_PARTS = PARTS | st.sampled_from(["*", "?", "**"])
PATHS = st.sampled_from(["a.json", "ab/a.json", "a/b/c.json", "b c.json", "[a].json", ".a/b.json", "#a", "!a"])
PATTERN_PARTS = st.sampled_from(["*", "**", "/", "a", "b", "c", ".json", "?", "[ab]", "\\", "!", "#", " ", "./", "../"])


@given(st.lists(st.lists(PARTS, max_size=4).map("".join)), st.lists(GLOB_PARTS, max_size=4).map("".join))
def test_names_match_a_glob(names: list[str], glob: str) -> None:
    matches = re.compile(translate(glob.replace("[", "[[]"))).match
    assert Names(names).matching(glob) == {name for name in names if matches(name)}


@given(st.sets(PATHS), st.lists(PATTERN_PARTS, min_size=1, max_size=6).map("".join), st.sampled_from([".", "ab", ".."]))
def test_paths_match_a_pattern(paths: set[str], pattern: str, directory: str) -> None:
    try:
        matches = Patterns([Globs((pattern,), os.path.abspath(directory))]).match
    except ValueError:  # the configuration refuses it
        reject()
    found = Files(paths).matching(pattern, os.path.abspath(directory))
    assert found == (paths if pattern == "**" else set(filter(matches, paths)))
