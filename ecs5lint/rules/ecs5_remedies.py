"""Suggest remedies for a container with a writable root filesystem, apart from the setting itself.

The data about images is in images.json. The other sources are:

- bind mounts and their owners: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
- tmpfs, on Fargate since January 2026, and on EC2 since before:
https://aws.amazon.com/about-aws/whats-new/2026/01/amazon-ecs-tmpfs-mounts-aws-fargate-managed-instances/
- ECS Exec: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-considerations,
and the paths it writes to, which AWS does not document: https://github.com/aws/containers-roadmap/issues/1359
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import takewhile

from ecs5lint.location import Span
from ecs5lint.model.form import Form
from ecs5lint.model.task_definition import ContainerDefinition, Service, TaskDefinition
from ecs5lint.rules.remedies import set_boolean, syntax
from ecs5lint.values.alternatives import is_true, leaves
from ecs5lint.values.conditions import TooManyAlternatives
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Text, Value, known_text

#: The paths that ECS Exec writes to.
_EXEC_PATHS = ("/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm")

#: The registries that serve the images of Docker Hub under the same names.
_DOCKER_HUB = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "mirror.gcr.io/")
_ROOT = ("", "0", "root")

# These are compiled on use, since most runs don't need them.
_PRIVATE_REGISTRY = r"\d{12}\.dkr\.ecr\.[^/]+/"
_LINK_TO_RUN = r"^/var/run(?=/|$)"


class KnownImage:
    """The data about an image: an entry of images.json, which documents the fields."""

    # Creating a named tuple would take as long as the rest of this module.
    __slots__ = ("filled", "images", "name", "note", "paths", "sources", "tags", "user")

    def __init__(
        self,
        name: str,
        images: list[str],
        paths: list[str],
        sources: list[str],
        tags: str = "",
        user: str = "root",
        note: str = "",
        filled: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.images = images
        self.paths = paths
        self.sources = sources
        self.tags = tags
        self.user = user
        self.note = note
        self.filled = filled


#: The explanation of the step that disables ECS Exec.
EXEC = (
    "ECS Exec: AWS does not support it with a read-only root filesystem; it may work with volumes at "
    "/managed-agents, /var/lib/amazon/ssm and /var/log/amazon/ssm"
)


def steps(
    container: ContainerDefinition, task_definition: TaskDefinition, written: Span | None, *, is_misspelled: bool
) -> tuple[str, ...]:
    """Return the steps to fix a failing container.

    `written` is the span of the value, if it has one. `is_misspelled` tells that the key is a misspelling of the
    setting.
    """
    image = _image(container)
    known, certain = known_image(image) if image else (None, False)
    return (
        set_boolean(container, task_definition, "readonlyRootFilesystem", "true", written, is_misspelled=is_misspelled),
        *(_known_paths(known, certain, container, task_definition) if known else ()),
        *_ownership(_user(container) or (known.user if known else "root")),
        *_exec(container, task_definition),
    )


def _image(container: ContainerDefinition) -> str | None:
    """Return the known part of a container's image, or None. The tag may be missing, but the name must be complete."""
    return _agreed(map(_image_name, _values(container, "image")))


def _image_name(value: Value) -> str | None:
    if not isinstance(value, Text):
        return known_text(value)
    parts = [known_text(part) for part in value.parts]
    start = "".join(part for part in takewhile(lambda part: part is not None, parts) if part is not None)
    return start if None not in parts or ":" in start.rpartition("/")[2] else None


def _user(container: ContainerDefinition) -> str | None:
    return _agreed(map(_scalar_text, _values(container, "user")))


def _scalar_text(value: Value) -> str | None:
    # Text from a number has this spelling.
    return str(value.value) if isinstance(value, Known) and type(value.value) is int else known_text(value)


def _agreed(texts: Iterable[str | None]) -> str | None:
    """Return the text that all of the texts share, or None."""
    found = set(texts)
    return found.pop() if len(found) == 1 else None


def _values(container: ContainerDefinition, name: str) -> list[Value]:
    """Return the possible values of a property, or nothing if there are too many."""
    form, alternatives = container.form, container.alternatives
    try:
        return [leaf for item in alternatives for _, leaf in leaves(form.property(item.definition, name))]
    except TooManyAlternatives:
        return []


def _mounted(container: ContainerDefinition) -> list[str]:
    """Return the paths of the writable mounts."""
    first, *others = (_mounted_in(item.definition, container.form) for item in container.alternatives)
    return [path for path in first if all(path in other for other in others)]


def _mounted_in(definition: ObjectValue, form: Form) -> list[str]:
    mounts = [
        *_objects(form.property(definition, "mountPoints")),
        *_objects(form.property(definition, "linuxParameters", "tmpfs")),
    ]
    paths = [
        known_text(form.property(mount, "containerPath"))
        for mount in mounts
        if not is_true(form.property(mount, "readOnly"))
    ]
    return [path for path in paths if path]


def _objects(value: Value) -> list[ObjectValue]:
    return [item for item in value.items if isinstance(item, ObjectValue)] if isinstance(value, ListValue) else []


def _known_paths(
    known: KnownImage, certain: bool, container: ContainerDefinition, task_definition: TaskDefinition
) -> Iterator[str]:
    subject = known.name if certain else f"if this is {known.name} or built from it, it"
    if not known.paths:
        yield f"{subject} {known.note}"
        return
    note = f"; {known.note}" if known.note else ""
    mounted = _mounted(container)
    missing = [path for path in known.paths if not is_mounted(path, mounted)]
    if not missing:
        verb = "is" if len(known.paths) == 1 else "are"
        yield f"{subject} writes to {_listed(known.paths)}, which {verb} already mounted{note}"
        return
    # On Fargate, tasks can't mount paths of a host.
    volume = "an empty volume" if "FARGATE" in task_definition.launch_types else "a volume"
    each = "there" if len(missing) == 1 else "at each"
    filled = [path for path in missing if path in known.filled]
    if filled:
        note = f"; an empty mount hides the files that the image has in {_listed(filled)}, so copy them into it first"
    is_short = len(missing) == 1 and not filled and not task_definition.construct
    example = f", as with {_mount_points(missing[0], container)}" if is_short else ""
    yield f"{subject} writes to {_listed(missing)}: mount {volume} or a tmpfs {each}{example}{note}"


def is_mounted(path: str, mounted: Sequence[str]) -> bool:
    """Tell whether a path, or a directory above it, is a mount."""
    return any(f"{_plain(path)}/".startswith(f"{_plain(item)}/") for item in mounted)


def _plain(path: str) -> str:
    """Return a normalized path. /var/run is a link to /run."""
    return re.sub(_LINK_TO_RUN, "/run", path.rstrip("/"))


def _mount_points(path: str, container: ContainerDefinition) -> str:
    """Return the mount of a path in the syntax of the source, with the volume that it requires."""
    name = path.rpartition("/")[2]
    names = "volumes", "mountPoints", "sourceVolume", "containerPath", "name"
    volumes, mounts, volume, at, called = map(container.form.spelling, names)
    written_in = syntax(container)
    if written_in == "hcl":
        return f'{mounts} = [{{ {volume} = "{name}", {at} = "{path}" }}] and volume {{ name = "{name}" }}'
    if written_in == "yaml":
        return f"{mounts}: [{{{volume}: {name}, {at}: {path}}}] and {volumes}: [{{{called}: {name}}}]"
    return f'"{mounts}": [{{"{volume}": "{name}", "{at}": "{path}"}}] and "{volumes}": [{{"{called}": "{name}"}}]'


def _ownership(user: str) -> Iterator[str]:
    name, _, group = user.partition(":")
    if name in _ROOT:
        return
    options = [f"uid={name}"] if name.isdecimal() else ["uid=..."]
    if group.isdecimal():
        options.append(f"gid={group}")
    yield (
        f"user {user} can't write to an empty volume, which root owns: create and chown the directory in the image and "
        f"declare it as a VOLUME, or mount a tmpfs with {' and '.join(options)}"
    )


def _exec(container: ContainerDefinition, task_definition: TaskDefinition) -> Iterator[str]:
    service = task_definition.exec_service
    if service is None:
        return
    mounted = _mounted(container)
    missing = [path for path in _EXEC_PATHS if not is_mounted(path, mounted)]
    if missing:
        yield disable_exec(service)


def disable_exec(service: Service) -> str:
    """Return the step for a container whose service enables ECS Exec."""
    return f"disable ECS Exec in {service.address}, or mount volumes for it"


def _listed(paths: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(paths[:-1]), paths[-1]]))


def known_image(image: str) -> tuple[KnownImage | None, bool]:
    """Return the data about an image, and whether the image is certainly the one that its name says.

    It is uncertain in a private registry, where an image can have any name.
    """
    repository, tag = _repository(image)
    is_own = ".dkr.ecr." in repository and re.match(_PRIVATE_REGISTRY, repository) is not None
    for known in known_images():
        if tag.startswith(known.tags):
            if any(_is_repository(repository, item) for item in known.images):
                return known, True
            if is_own and any(f"/{repository}".endswith(f"/{_path(item)}") for item in known.images):
                return known, False
    return None, False


def _repository(image: str) -> tuple[str, str]:
    """Return the repository of an image and its tag. An official image of Docker Hub has its bare name."""
    name = image.partition("@")[0]
    directory, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    if f"/{directory}".endswith("/library"):
        return last, tag
    repository = directory + slash + last
    for registry in _DOCKER_HUB:
        repository = repository.removeprefix(registry)
    return repository, tag


def _is_repository(repository: str, pattern: str) -> bool:
    if "*" not in pattern:
        return repository == pattern
    before, _, after = pattern.partition("*")
    if not repository.startswith(before):
        return False
    return re.fullmatch(f"{re.escape(before)}[^/]*{re.escape(after)}", repository) is not None


def _path(repository: str) -> str:
    """Return a repository without its registry."""
    registry, _, path = repository.partition("/")
    return path if "." in registry else repository


@cache
def known_images() -> tuple[KnownImage, ...]:
    """Return the data about all images."""
    import json

    with open(os.path.join(os.path.dirname(__file__), "images.json"), encoding="utf-8") as file:
        return tuple(KnownImage(**entry) for entry in json.load(file)["images"])
