"""Fuzz a target, guided by coverage: `python -m fuzz.coverage_guided TARGET SECONDS DIRECTORY [SEED [INPUTS]]`.

Needs atheris. DIRECTORY keeps the inputs that increase coverage, and the findings, one input for each position in the
code that fails. Fuzzing continues after a finding. Ends with 1 if there is one.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ecs5lint"]):
    import ecs5lint.parsers.cloudformation
    import ecs5lint.parsers.task_definition
    import ecs5lint.parsers.terraform
    import ecs5lint.parsers.terraform.plan  # noqa: F401
    from fuzz.harness import Overtime, limit_memory, project
    from fuzz.targets import TARGETS

HERE = Path(__file__).parent
#: Longer inputs are left to the tests of hostile input.
MAX_LENGTH = 4096
#: The largest number of findings to collect.
MAX_FINDINGS = 50


def seeds(target: str) -> list[bytes]:
    """Return the initial inputs of a target: its seeds and findings, and the fixtures that fit it."""
    own = [*(HERE / "seeds" / target).glob("*"), *(HERE / "findings" / target).glob("*")]
    patterns = {
        "task-definition": "task-definition/**/*.*",
        "cloudformation": "cloudformation/**/*.*",
        "terraform": "terraform/**/*.tf",
        "terraform-json": "terraform/**/*.tf.json",
        "terraform-plan": "terraform-plan/**/*.json",
    }
    fixtures = sorted((HERE.parent / "fixtures").glob(patterns[target])) if target in patterns else []
    paths = [*own, *(path for path in fixtures if path.is_file() and path.name != "expected.yaml")]
    return [content for content in (path.read_bytes() for path in paths) if len(content) <= MAX_LENGTH]


class Findings:
    """The findings, one for each position in the code."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._places: set[str] = set()

    @property
    def are_there(self) -> bool:
        return bool(self._places)

    def add(self, data: bytes, error: BaseException) -> None:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "ecs5lint/" in frame.filename]
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        if isinstance(error, Overtime):
            place = "overtime"
        key = f"{type(error).__name__} {place} {str(error)[:40] if not frames else ''}"
        if key in self._places or len(self._places) == MAX_FINDINGS:
            return
        self._places.add(key)
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / f"{os.getpid()}-{len(self._places)}"
        path.write_bytes(data)
        print("".join(traceback.format_exception(error)[-12:]), file=sys.stderr)
        print(f"FOUND {path.name}: {key}: {data!r}", flush=True)


def main(target: str, seconds: str, directory: str, seed: str = "", inputs: str = "") -> None:
    """Fuzz `target` until the time is up, or after a number of inputs. A seed gives the same inputs each time."""
    corpus = Path(directory).resolve() / target / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(content)
    findings = Findings(corpus.parent / "found")
    function = TARGETS[target]
    limit_memory()
    until = time.time() + float(seconds)
    executions = 0

    def one_input(data: bytes) -> None:
        nonlocal executions
        executions += 1
        try:
            function(data)
        except (Exception, Overtime) as error:
            findings.add(data, error)
        if time.time() > until or str(executions) == inputs:
            print(f"executions: {target} {executions}", flush=True)
            # libFuzzer has no time limit here, and would continue.
            os._exit(1 if findings.are_there else 0)

    options = [
        f"-max_len={MAX_LENGTH}",
        "-timeout=120",
        "-rss_limit_mb=0",
        "-verbosity=0",
        *([f"-seed={seed}"] if seed else []),
        f"-artifact_prefix={corpus.parent}/",
    ]
    dictionary = HERE / "dictionaries" / f"{target}.dict"
    if dictionary.exists():
        options.append(f"-dict={dictionary}")
    atheris.Setup([sys.argv[0], *options, str(corpus)], one_input)
    with project():
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
