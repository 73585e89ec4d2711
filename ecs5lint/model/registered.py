"""Define where a resource is registered, if it was read from AWS and not from a file."""

from ecs5lint.light_typing import NamedTuple


class Registered(NamedTuple):
    """The registration of a resource in Amazon ECS.

    For a task definition, `name` is its family and `revision` its revision, which is None if it could not be read.
    `is_latest` tells that it is the latest ACTIVE revision of its family, which is the one that Security Hub checks.
    `uses` are the services and tasks that use it now, if the run looked for them. `is_unread` tells that a call failed.
    """

    account: str
    region: str
    name: str
    revision: int | None = None
    is_latest: bool = True
    uses: tuple[str, ...] = ()
    is_unread: bool = False

    @property
    def title(self) -> str:
        """The name, and the revision of a task definition, as in commands of the AWS CLI."""
        return self.name if self.revision is None else f"{self.name}:{self.revision}"
