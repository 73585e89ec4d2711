"""Install the linter and its peers, each once and in a separate environment."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_PROJECT = Path(__file__).parent.parent

#: An npm package with a cfn-guard binary, and with AWS's rule for the control among its rules.
_GUARD_PACKAGE = "@cdklabs/cdk-validator-cfnguard@0.0.62"
_GUARD_RULE = "rules/control-tower/cfn-guard/ecs/ct-ecs-pr-6.guard"
_SYSTEMS = {"linux": "ubuntu", "darwin": "macos"}
_PROCESSORS = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


#: The directory of an environment with its programs.
_PROGRAMS = "Scripts" if sys.platform == "win32" else "bin"

Command = list[str]


class Tool(NamedTuple):
    """An installed tool, the command that runs it, and the files in its package that the command needs."""

    name: str
    version: str
    command: str
    files: tuple[str, ...] = ()


def linter(directory: Path) -> Tool:
    """Install the current state of this project, as its users do. Raises CalledProcessError."""
    return _from_python(directory, "ecs5lint", str(_PROJECT))


def language_server(directory: Path) -> Tool:
    """Install the current state of this project with its language server. Raises CalledProcessError."""
    return _from_python(directory / "editor", "ecs5lint", f"{_PROJECT}[lsp]")


def checkov(directory: Path) -> Tool:
    """Install checkov. Raises CalledProcessError."""
    return _from_python(directory, "checkov", "checkov")


def cfn_lint(directory: Path) -> Tool:
    """Install cfn-lint. Raises CalledProcessError."""
    return _from_python(directory, "cfn-lint", "cfn-lint")


def tfparse(directory: Path) -> Tool:
    """Install tfparse, the Terraform parser of Trivy as a library. Its command is the interpreter with the library.

    Raises CalledProcessError.
    """
    python = _installed(directory, "tfparse", "tfparse")
    version = "from importlib.metadata import version; print(version('tfparse'))"
    return Tool("tfparse", _output([python, "-c", version], _PROJECT).strip(), str(python))


def copied_linter(directory: Path) -> Command:
    """Return the command of the installed linter in a new copy of its environment, in which nothing has run."""
    copy = directory / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(directory / "ecs5lint", copy, symlinks=True)
    return [str(copy / _PROGRAMS / "python"), "-m", "ecs5lint"]


def cfn_guard(directory: Path) -> Tool:
    """Install cfn-guard. Raises OSError, CalledProcessError, and KeyError if it does not support this machine."""
    package = directory / "cfn-guard" / "package"
    binary = package / "bin" / _SYSTEMS[sys.platform] / _PROCESSORS[platform.machine()] / "cfn-guard"
    if not binary.exists():
        package.parent.mkdir(parents=True, exist_ok=True)
        archive = _output(["npm", "pack", "--silent", _GUARD_PACKAGE], package.parent).split()[-1]
        with tarfile.open(package.parent / archive) as file:
            file.extractall(package.parent, filter="data")
        binary.chmod(0o755)
    return Tool("cfn-guard", _version(binary), str(binary), (str(package / _GUARD_RULE),))


def at_hand(install: Callable[[Path], Tool], directory: Path) -> Tool | str:
    """Return an installed tool, or the reason why it can't be installed."""
    try:
        return install(directory)
    except KeyError as error:
        return f"there is none for {error}"
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error)


def _from_python(directory: Path, name: str, package: str) -> Tool:
    program = _installed(directory, name, package).with_name(name)
    return Tool(name, _version(program), str(program))


def _installed(directory: Path, name: str, package: str) -> Path:
    """Install a package in an environment of its own, and return the interpreter of that environment."""
    python = directory / name / _PROGRAMS / "python"
    if not python.exists():
        venv.create(directory / name, with_pip=True)
    # Compile the modules during installation, so that this is not measured.
    _output([python, "-m", "pip", "install", "--quiet", "--compile", package], _PROJECT)
    return python


def _version(program: Path) -> str:
    return _output([program, "--version"], _PROJECT).split()[-1]


def _output(command: list[str | Path], directory: Path) -> str:
    return subprocess.run(command, cwd=directory, check=True, stdout=subprocess.PIPE, text=True).stdout
