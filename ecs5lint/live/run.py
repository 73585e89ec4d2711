"""Check what is registered, and return the report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from threading import Event
from typing import TYPE_CHECKING

from ecs5lint.findings.suppressions.suppress import suppress
from ecs5lint.live.accounts import Access, Accounts, Target
from ecs5lint.live.answers import InvalidAnswer, task_definition, unread
from ecs5lint.live.origins import Origins
from ecs5lint.live.resources import Found, resource, unread_resource
from ecs5lint.live.survey import ALL, News, survey
from ecs5lint.location import PassingFailure, Source, Span
from ecs5lint.model.resource import Subject
from ecs5lint.model.result import Report, Result
from ecs5lint.model.task_definition import TASK_DEFINITION
from ecs5lint.rules import RULES, reads_of, selected
from ecs5lint.run.pipeline import Judges
from ecs5lint.settings.settings import Reads, Settings
from ecs5lint.text.visible import counted

if TYPE_CHECKING:
    from ecs5lint.run.progress import Progress

#: The path of an error that is about the run as a whole.
PLACE = "<live>"

_INTERRUPTED = "the run was interrupted, so this report is partial"


def run(access: Access, settings: Settings, progress: Progress | None = None, source: Report | None = None) -> Report:
    """Check the task definitions that are registered in some accounts and Regions, and return the report.

    If `source` is given, it is the report on the files of a project, and each result names the task definition in them
    that makes its own. Its failures are in the report too, since what could not be read makes nothing.

    Raises AccessError.

    A task definition that could not be read has an unknown result for each rule, and the reason is a failure of the
    report. After an interruption (Ctrl-C), this holds for all that were not read.
    """
    rules = selected(settings.select, settings.ignore, settings.required_tags)
    reads = reads_of(rules)._replace(identity=settings.reads.identity)
    collected = _Collected(reads, Judges(rules, settings._replace(reads=reads)), progress)
    stop = Event()
    try:
        tags = "tags" in chain(reads.properties, reads.identity, *reads.resources.values())
        types = frozenset(RULES[rule].resource for rule in rules)
        for news in survey(Accounts(access._replace(has_tags=tags, types=types), stop)):
            collected.add(news)
    except KeyboardInterrupt:
        stop.set()
        collected.interrupt()
    results = sorted(collected.marked_results(), key=_order)
    if source:
        origins = Origins(source)
        results = [result._replace(origin=origins.of(result)) for result in results]
    results, notices = suppress(
        results,
        settings,
        lambda _source: [],
        today=time.strftime("%Y-%m-%d"),
        is_complete=not (collected.errors or collected.unread),
    )
    return Report(
        results=tuple(results),
        failures=(*collected.failures(), *collected.unread, *(source.failures if source else ())),
        files=0,
        task_definitions=collected.task_definitions,
        containers=collected.containers,
        resources=dict(sorted(collected.resources.items())),
        notices=tuple(notices),
        configuration=settings.configuration,
        rules=rules,
        regions=tuple(sorted({(target.account, target.region) for target in collected.targets})),
    )


class _Collected:
    """The results so far, and the task definitions that are still to be described."""

    def __init__(self, reads: Reads, judges: Judges, progress: Progress | None) -> None:
        self._reads = reads
        self._judges = judges
        self._progress = progress
        self._listed = 0
        #: The names of the task definitions without an answer, for each target that is not complete.
        self._pending: dict[Target, set[str]] = {}
        #: The services and tasks that use a task definition, by its ARN.
        self._uses: dict[str, dict[str, None]] = {}
        self.targets: list[Target] = []
        self.results: list[Result] = []
        #: The names of the task definitions that could not be read, by their target and the reason.
        self.errors: dict[tuple[Target | None, str], list[str]] = {}
        #: The failures of other types of resources.
        self.unread: list[PassingFailure] = []
        self.resources: Counter[str] = Counter()
        self.task_definitions = 0
        self.containers = 0

    def add(self, news: News) -> None:
        """Add the news about an account and Region."""
        target = news.target
        if target not in self._pending:
            self._pending[target] = set()
            self.targets.append(target)
        pending = self._pending[target]
        pending.update(news.listed)
        self._show(len(news.listed))
        if news.resource:
            self._judge_resource(target, news.resource)
        for type in sorted(news.unread_types):
            self._lose_type(target, type, news.error)
        for use in news.uses:
            self._uses.setdefault(use.task_definition, {})[use.user] = None
        if news.name:
            # An interruption between the two must not lose the name.
            self._judge(target, news)
            pending.discard(news.name)
        if news.is_complete:
            for name in sorted(pending):
                self._lose(target, name, "there was no answer")
            del self._pending[target]

    def interrupt(self) -> None:
        """Count everything that was not read as lost."""
        self.errors[None, _INTERRUPTED] = []
        for target, names in self._pending.items():
            for name in (ALL, *sorted(names)):
                self._lose(target, name, _INTERRUPTED)
            for type in self._reads.resources:
                self._lose_type(target, type, _INTERRUPTED)

    def failures(self) -> Iterator[PassingFailure]:
        """Yield a failure for each reason, in the order of the targets."""
        for (target, reason), names in sorted(self.errors.items(), key=lambda item: (item[0][0] or (), item[0][1])):
            if target is None:
                yield PassingFailure(reason, PLACE)
                continue
            arn = target.arn(names[0] if len(names) == 1 else ALL)
            many = f" ({counted(len(names), 'task definition')})" if len(names) > 1 else ""
            yield PassingFailure(f"{reason}{many}", arn, Span(Source(arn, "", "json"), 0, 0))

    def marked_results(self) -> Iterator[Result]:
        """Yield the results, with the uses of their task definitions."""
        marked: dict[int, Subject] = {}
        for result in self.results:
            resource = result.resource
            uses = tuple(self._uses.get(resource.location.path, ()))
            if uses and resource.registered and id(resource) not in marked:
                marked[id(resource)] = resource._replace(registered=resource.registered._replace(uses=uses))
            yield result._replace(resource=marked.get(id(resource), resource))

    def _show(self, listed: int) -> None:
        self._listed += listed
        if self._progress and listed:
            self._progress.begin(self._listed)

    def _judge(self, target: Target, news: News) -> None:
        if self._progress:
            self._progress.step()
        if news.answer is None:
            self._lose(target, news.name, news.error)
            return
        try:
            definition = task_definition(news.answer, news.name, target)
            results = self._judges.results_of(definition.kept(self._reads))
        except InvalidAnswer as error:
            self._lose(target, news.name, str(error))
        except Exception as error:  # a bug in the linter itself must be reported, and must not hide other findings
            self._lose(target, news.name, f"skipped because of a bug in ecs5lint ({type(error).__name__}: {error})")
        else:
            self.task_definitions += 1
            self.containers += len(definition.containers)
            self.results += results
            # No report shows it, and it is most of the memory.
            definition.location.source.text = ""

    def _judge_resource(self, target: Target, item: Found) -> None:
        try:
            names = self._reads.resources[item.type]
            self.results += self._judges.results_of(resource(item, names, target))
        except Exception as error:
            self._lose_type(target, item.type, f"{item.arn}: skipped because of a bug in ecs5lint ({error!r})")
        else:
            self.resources[item.type] += 1

    def _lose_type(self, target: Target, type: str, reason: str) -> None:
        lost = unread_resource(target, type, reason)
        self.unread.append(PassingFailure(reason, lost.location.path, lost.location))
        self.results += self._judges.results_of(lost)

    def _lose(self, target: Target, name: str, reason: str) -> None:
        self.errors.setdefault((target, reason), []).append(name)
        self.results += self._judges.results_of(unread(target, name, reason))


def _order(result: Result) -> tuple[object, ...]:
    """Sort by account, Region, type, name and revision."""
    registered = result.resource.registered
    assert registered
    type = result.resource.type
    of_target = registered.account, registered.region, type != TASK_DEFINITION, type
    order = *of_target, registered.name, registered.revision or 0
    return *order, result.container_index is not None, result.container_index or 0
