"""What must hold for every input, whoever made it up.

`check` takes an input through the whole pipeline and raises what is wrong with the linter, never with the input:

- no exception comes out, not even one that the linter would report as a defect of its own;
- it stays under a bound of time and memory;
- the same input gives the same report;
- nothing passes in a text that has no way to say `true`;
- what the scan of bytes rules out, the parser finds nothing in;
- no report has control characters from the input.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
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
from ecs5lint.reports import FORMATS, Options
from ecs5lint.run.pipeline import run
from ecs5lint.settings.settings import Settings

#: How long one input may take, in seconds of the processor, and how much memory the process may have, in bytes.
MAX_SECONDS = 10
MAX_MEMORY = 3 << 30

#: What a text that makes something true has in it: the word, an escape that may spell it, or what may compute it.
_CAN_BE_TRUE = {
    TASK_DEFINITION: re.compile(r"true|\\", re.IGNORECASE),
    TERRAFORM_PLAN: re.compile(r"true|\\", re.IGNORECASE),
    CLOUDFORMATION: re.compile(r"true|\b(?:y|yes|on)\b|\\|fn::|[!*]", re.IGNORECASE),
    TERRAFORM: re.compile(r"true|\\|[!<>?%]|==|&&|\|\||(?<!jsonencode)\(", re.IGNORECASE),
}

_DRIVES_A_TERMINAL = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Broken(AssertionError):
    """A property that does not hold."""


class Overtime(BaseException):
    """An input took too long. No Exception, so that nothing on the way takes it for one of its own."""


def limit_memory() -> None:
    """Bound the memory of this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


@contextmanager
def bounded_time() -> Iterator[None]:
    """Raise Overtime in what takes more than MAX_SECONDS."""

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
    """Work in an empty project of its own, in memory where there is such a file system."""
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
    """Stand in for Parsed.add, which takes a defect of the linter for a failure of the input."""
    try:
        found.task_definitions.extend(work())  # type: ignore[arg-type]
    except Failure as failure:
        found.failures.append(failure)


@contextmanager
def written(name: str, content: bytes) -> Iterator[None]:
    """Have a file in the working directory for some time."""
    with open(name, "wb") as file:
        file.write(content)
    try:
        yield
    finally:
        os.unlink(name)


def judge(files: Mapping[str, bytes], path: str | None = None, *, taken_for: str | None = None) -> Report:
    """Return the report on a path, by default the first of `files`, which are written into the working directory.

    With `taken_for`, files are inputs of that kind whatever is in them, and all modules are.
    """

    def is_module(content: bytes) -> ModuleFile:
        return module_file(content)._replace(names_ecs=True)

    with ExitStack() as stack:
        for name, content in files.items():
            stack.enter_context(written(name, content))
        if taken_for:
            stack.enter_context(patch("ecs5lint.project.discovery.kinds_of", lambda _: (taken_for,)))
            stack.enter_context(patch("ecs5lint.project.discovery.module_file", is_module))
        stack.enter_context(patch.object(Parsed, "add", _add_unguarded))
        return run([path or next(iter(files))], Workspace(), Settings())


def check(kind: str, files: Mapping[str, bytes]) -> Report:
    """Judge `files`, and raise what is wrong with how that went."""
    with bounded_time():
        first, second = judge(files), judge(files)
        for format, module in FORMATS.items():
            text = import_module(module).render(first, Options())
            if _DRIVES_A_TERMINAL.search(text):
                raise Broken(f"the report has control characters ({format})")
            if format == "json" and import_module(module).render(second, Options()) != text:
                raise Broken("two runs give two reports")
        kinds = _kinds(kind, files)
        # The parsers refuse programs, too, of which nothing is said.
        if kind not in kinds and not is_binary(next(iter(files.values()))):
            _check_ruled_out(kind, files, first)
    _check_passes(kinds or (kind,), files, first)
    return first


def _kinds(kind: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the kinds of input that the first of `files`, which is made as one of a `kind`, may be by its bytes."""
    content = next(iter(files.values()))
    if kind != TERRAFORM:
        return kinds_of(content)
    return (TERRAFORM,) if module_file(content).names_ecs else ()


def _check_ruled_out(kind: str, files: Mapping[str, bytes], found: Report) -> None:
    """Raise Broken if the parser finds more than was `found` in what is ruled out by its bytes."""
    report = judge(files, taken_for=kind)
    if len(report.results) > len(found.results) or len(report.notices) > len(found.notices):
        raise Broken("the bytes rule out what the parser finds something in")


def _check_passes(kinds: tuple[str, ...], files: Mapping[str, bytes], report: Report) -> None:
    """Raise Broken if something passes in a text that cannot make anything true."""
    if not report.count(PASS):
        return
    for content in files.values():
        encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        text = content.decode(encoding, "replace")
        if any(_CAN_BE_TRUE[kind].search(text) for kind in kinds):
            return
    raise Broken("a container passes, and nothing in the text is true")
