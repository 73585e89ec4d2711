"""Test runs that are cut short: by the user, by a closed pipe, and by a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from ecs5lint.cli.main import main

resource = pytest.importorskip("resource", reason="needs a POSIX system")

CONTAINER = '{"name": "%s"}'
TASK_DEFINITION = '{"family": "f", "containerDefinitions": [%s]}'
FAIL = TASK_DEFINITION % CONTAINER % "web"

#: The linter, with a message at its start. An interrupt before that would only stop the interpreter.
PROGRAM = "import sys; from ecs5lint.__main__ import main; print('ready', flush=True); sys.exit(main())"

ECS5LINT = [sys.executable, "-m", "ecs5lint"]


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fail.json").write_text(FAIL)


def run_limited(limit: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the linter with a `limit` on the size of files, as on a full disk."""
    return subprocess.run(
        [*ECS5LINT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit)),
    )


@pytest.mark.parametrize("arguments", [["-"], [".", "--jobs", "1"], [".", "--jobs", "2"]])
def test_interruption(arguments: list[str]) -> None:
    """It ends immediately, whether it waits for input or works, alone or with worker processes."""
    many = TASK_DEFINITION % ",".join(CONTAINER % number for number in range(9_000))
    for number in range(100 if "." in arguments else 0):
        Path(f"{number}.json").write_text(many)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments, "--output", "report"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A background process of a script inherits an ignored signal.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.5)
    # The terminal signals all foreground processes, worker processes included.
    os.killpg(process.pid, signal.SIGINT)
    output, complaint = process.communicate(timeout=60)
    assert (process.returncode, output, complaint) == (130, b"", b"")
    assert not list(Path().glob("report*"))


def test_a_closed_pipe_is_silent() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*ECS5LINT, "fail.json"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_pipe_that_is_closed_half_way_is_silent() -> None:
    Path("many.json").write_text(TASK_DEFINITION % ",".join(CONTAINER % number for number in range(9_000)))
    process = subprocess.Popen([*ECS5LINT, "many.json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().startswith(b"many.json:1:")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*ECS5LINT, "fail.json"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == b"ecs5lint: cannot write to standard output: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_output_to_a_full_device() -> None:
    done = subprocess.run(
        [*ECS5LINT, "fail.json", "--output", "/dev/full"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ecs5lint: cannot write /dev/full: No space left on device\n"


@pytest.mark.parametrize("option", ["--output=report", "--report=json=report"])
@pytest.mark.parametrize("before", ["a whole report", None])
def test_a_report_is_whole_or_not_there(option: str, before: str | None) -> None:
    """If the disk is full, the previous report stays, and no temporary file is left."""
    if before is not None:
        Path("report").write_text(before)
    files = sorted(Path().iterdir())
    done = run_limited(100, "fail.json", option)
    assert done.returncode == 2
    assert done.stderr == "ecs5lint: cannot write report: File too large\n"
    assert sorted(Path().iterdir()) == files
    if before is not None:
        assert Path("report").read_text() == before


def test_the_file_that_takes_the_place_of_another_goes_if_it_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("report").write_text("before")
    files = sorted(Path().iterdir())

    def fail(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    assert main(["fail.json", "--output", "report"]) == 2
    assert Path("report").read_text() == "before"
    assert sorted(Path().iterdir()) == files


def test_a_directory_that_cannot_be_written_to(capsys: pytest.CaptureFixture[str]) -> None:
    Path("closed").mkdir()
    Path("closed").chmod(0o500)
    # This directory is read-only even for root.
    directory = "/sys/kernel" if os.access("closed", os.W_OK) else "closed"
    if not os.path.isdir(directory):
        pytest.skip("everything can be written to")
    assert main(["fail.json", "--output", f"{directory}/report"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith(f"ecs5lint: cannot write {directory}/report: ")
