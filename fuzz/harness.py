"""Check properties that hold for every input, from any source.

`check` runs an input through the whole pipeline, and raises an error for a problem of the linter, never for one of the
input:

- No exception escapes, not even one that the linter would report as its own bug.
- The time and memory stay below a limit.
- The same input gives the same report.
- Nothing passes in a text that can't express `true`.
- The parsers find nothing in files that the scan of bytes excludes.
- No report has control characters from the input.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from ecs5lint.files.kinds import (
    CLOUDFORMATION,
    TASK_DEFINITION,
    TERRAFORM,
    TERRAFORM_PLAN,
    ModuleFile,
    is_binary,
    kinds_of,
    module_file,
)
from ecs5lint.files.workspace import Workspace
from ecs5lint.location import Failure
from ecs5lint.model.result import PASS, Report
from ecs5lint.parsers import Parsed
from ecs5lint.reports import FORMATS, Options, render
from ecs5lint.rules import ALL, reads_of, selected
from ecs5lint.run.pipeline import run
from ecs5lint.settings.settings import DEFAULT_RULES, Settings

#: The types of resources that some rule checks, besides task definitions.
_TYPES = reads_of(selected((ALL,))).resources

#: The CPU seconds for one input, and the memory of the process in bytes.
MAX_SECONDS = 10
MAX_MEMORY = 3 << 30

#: The parts of a text that can make a value true: the word, an escape that may spell it, or a function that may compute
#: it.
_CAN_BE_TRUE = {
    TASK_DEFINITION: re.compile(r"true|\\", re.IGNORECASE),
    TERRAFORM_PLAN: re.compile(r"true|\\", re.IGNORECASE),
    CLOUDFORMATION: re.compile(r"true|\b(?:y|yes|on)\b|\\|fn::|[!*]", re.IGNORECASE),
    # A module of the table may have a default of true.
    TERRAFORM: re.compile(r"true|terraform-aws-modules/|\\|[!<>?%]|==|&&|\|\||(?<!jsonencode)\(", re.IGNORECASE),
}

_DRIVES_A_TERMINAL = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Broken(AssertionError):
    """A property does not hold."""


class Overtime(BaseException):
    """An input took too long. It is no Exception, so that no handler on the way catches it."""


def limit_memory() -> None:
    """Limit the memory of this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


@contextmanager
def bounded_time() -> Iterator[None]:
    """Raise Overtime if the block takes more than MAX_SECONDS."""

    def stop(*_: object) -> None:
        raise Overtime(f"took more than {MAX_SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def project() -> Iterator[None]:
    """Run a block in an empty project of its own, in a memory file system if there is one."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    before = os.getcwd()
    with tempfile.TemporaryDirectory(prefix="ecs5lint-fuzz-", dir=memory) as directory:
        os.mkdir(os.path.join(directory, ".git"))
        os.chdir(directory)
        try:
            yield
        finally:
            os.chdir(before)


def _add_unguarded(found: Parsed, path: str, work: Callable[[], list[object]]) -> None:
    """Replace Parsed.add, which turns a bug in the linter into a failure of the input."""
    try:
        found.resources.extend(work())  # type: ignore[arg-type]
    except Failure as failure:
        found.failures.append(failure)


@contextmanager
def written(name: str, content: bytes) -> Iterator[None]:
    """Run a block with a file in the working directory."""
    with open(name, "wb") as file:
        file.write(content)
    try:
        yield
    finally:
        os.unlink(name)


def judge(
    files: Mapping[str, bytes],
    path: str | None = None,
    *,
    taken_for: tuple[str, ...] = (),
    select: tuple[str, ...] = DEFAULT_RULES,
) -> Report:
    """Return the report on a path, by default the first of `files`, which are written into the working directory.

    With `taken_for`, files count as inputs of those kinds regardless of their content, and so do all modules.
    """

    def is_module(content: bytes, types: Collection[str]) -> ModuleFile:
        return module_file(content, types)._replace(names_ecs=True)

    with ExitStack() as stack:
        for name, content in files.items():
            stack.enter_context(written(name, content))
        if taken_for:
            stack.enter_context(patch("ecs5lint.project.discovery.kinds_of", lambda *_: taken_for))
            stack.enter_context(patch("ecs5lint.project.discovery.module_file", is_module))
        stack.enter_context(patch.object(Parsed, "add", _add_unguarded))
        return run([path or next(iter(files))], Workspace(), Settings(select=select))


def check(kind: str, files: Mapping[str, bytes]) -> Report:
    """Check `files`, and raise an error if a property does not hold. Return the report."""
    with bounded_time():
        first, second = judge(files), judge(files)
        for format in FORMATS:
            text = render(format, first, Options())
            if _DRIVES_A_TERMINAL.search(text):
                raise Broken(f"the report has control characters ({format})")
            if format == "json" and render(format, second, Options()) != text:
                raise Broken("two runs give two reports")
        kinds, kinds_of_all = _kinds(kind, files), _kinds(kind, files, _TYPES)
        # The parsers also reject binary files, without a message.
        if kind not in kinds and not is_binary(next(iter(files.values()))):
            _check_ruled_out((*kinds, kind), files, first)
            if kind not in kinds_of_all:
                _check_ruled_out((*kinds_of_all, kind), files, judge(files, select=(ALL,)), select=(ALL,))
    _check_passes(kinds or (kind,), files, first)
    return first


def _kinds(kind: str, files: Mapping[str, bytes], types: Collection[str] = ()) -> tuple[str, ...]:
    """Return the kinds of input of the first of `files`, by its bytes. It was generated as a `kind`.

    `types` are the types of the resources to check, besides task definitions.
    """
    content = next(iter(files.values()))
    if kind != TERRAFORM:
        return kinds_of(content, types)
    return (TERRAFORM,) if module_file(content, types).names_ecs else ()


def _check_ruled_out(
    kinds: tuple[str, ...], files: Mapping[str, bytes], found: Report, select: tuple[str, ...] = DEFAULT_RULES
) -> None:
    """Raise Broken if the parsers find more than `found` with `kinds`, one of which is excluded by the bytes."""
    report = judge(files, taken_for=kinds, select=select)
    # A file with an error of its own is not excluded: the run ends with exit code 2.
    if not found.failures and (len(report.results) > len(found.results) or len(report.notices) > len(found.notices)):
        raise Broken("the bytes rule out what the parser finds something in")


def _check_passes(kinds: tuple[str, ...], files: Mapping[str, bytes], report: Report) -> None:
    """Raise Broken if something passes in a text that can't make anything true."""
    if not report.count(PASS):
        return
    for content in files.values():
        encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        text = content.decode(encoding, "replace")
        if any(_CAN_BE_TRUE[kind].search(text) for kind in kinds):
            return
    raise Broken("a container passes, and nothing in the text is true")
