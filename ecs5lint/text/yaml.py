"""Read YAML documents as values with spans.

libyaml composes the nodes if PyYAML was built with it, since it is ten times as fast. This module resolves scalars,
merge keys, aliases and tags itself. Each node must keep its position, and sources differ in the meaning of a plain
scalar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from ecs5lint.light_typing import TYPE_CHECKING, Any, NamedTuple, cast
from ecs5lint.location import Failure, OutOfBounds, Source, Span
from ecs5lint.values.conditions import Constant
from ecs5lint.values.kinds import Known, ListValue, ObjectValue, Pair, Value

if TYPE_CHECKING:
    from yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

#: The deepest nesting of collections.
MAX_DEPTH = 100
#: The largest number of nodes that aliases may add to a document.
MAX_ALIASED = 200_000

#: Returns the value of a plain scalar.
Resolve = Callable[[str], Constant]
#: Returns the value of a node with a local tag (`!Ref`), from its tag, its value without the tag, and its span.
ApplyTag = Callable[[str, Value, Span], Value]

#: The plain scalars that are words with a meaning, in YAML 1.2 and in YAML 1.1.
_WORDS_1_2: dict[str, Constant] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WORDS_1_1 = {
    **_WORDS_1_2,
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}

#: A longer number stays text. Nobody writes one, and converting it takes time that is quadratic in its length.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,30})\Z")
_FLOAT = re.compile(r"[-+]?[0-9]{1,30}\.[0-9]{0,30}\Z")

#: The anchor and the tag before a node, and comments after them.
_PROPERTIES = re.compile(r"(?:[&!]\S*\s*(?:#[^\n]*\s*)*)*")
_ANCHOR = re.compile(r"&\S+\s*")
STANDARD = "tag:yaml.org,2002:"
_KEY_PROBLEM = "a key must be a scalar; is this a template that is rendered before it is used?"
#: The message of libyaml 0.2.6 (in PyYAML 6.0.4) for more than 1,000 levels.
_NESTING_PROBLEM = "maximum nesting depth"
PLAIN, QUOTED, COLLECTION = "plain", "quoted", "collection"


def resolve_1_1(text: str) -> Constant:
    """Return the value of a plain scalar in YAML 1.1, as CloudFormation reads it: `yes` and `on` are booleans.

    Dates stay text, and so do numbers that are not decimal. https://yaml.org/type/bool.html
    """
    return _WORDS_1_1[text] if text in _WORDS_1_1 else _number(text)


def resolve_1_2(text: str) -> Constant:
    """Return the value of a plain scalar in YAML 1.2, as version 2 of the AWS CLI reads it: `yes` and `on` are text.

    https://yaml.org/spec/1.2.2/#103-core-schema
    """
    return _WORDS_1_2[text] if text in _WORDS_1_2 else _number(text)


def _number(text: str) -> Constant:
    """Return the number that a plain scalar is, or the text itself."""
    if text[0].isdecimal() or text[0] in "+-":
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
    return text


def parse_yaml(
    source: Source,
    resolve: Resolve = resolve_1_2,
    apply_tag: ApplyTag | None = None,
    prune: Callable[[Node], None] | None = None,
    text: str | None = None,
) -> list[Value]:
    """Return the documents in `source`. If `text` is given, it replaces the source text, character by character.

    The span of a block mapping or sequence starts at its first key or dash, and the span of a flow collection at its
    bracket. An alias has the span of its target. The members of a merge key come before the mapping's own members,
    which override them. Without `apply_tag`, a local tag is an error. `prune` may remove parts of a document that
    nobody needs.

    Raises Failure for invalid YAML, for nesting beyond MAX_DEPTH, for aliases that contain themselves or expand to more
    than MAX_ALIASED nodes, and for keys that are collections.
    """
    values = []
    for node in compose(source, source.text if text is None else text):
        if prune:
            prune(node)
        values.append(Converter(source, resolve, apply_tag).document(node))
    return values


def compose(source: Source, text: str, *, names_at_end: bool = False) -> list[Node]:
    """Return the root node of each document in a text, which is the source text or replaces it.

    A node without a tag is marked as PLAIN, QUOTED or COLLECTION. With `names_at_end`, an anchor stands for a node from
    the end of the node on, as in Terraform. Otherwise, it does so from the start, as YAML requires. Raises Failure.
    """
    import yaml

    try:
        try:
            return list(_nodes(_composer_class()(text)))
        except yaml.composer.ComposerError as error:
            if not (error.context or "").startswith("found duplicate anchor"):
                raise
            composer = _closing_composer_class() if names_at_end else _redefining_composer_class()
            return list(_nodes(composer(text)))
    except yaml.reader.ReaderError:
        strange = yaml.reader.Reader.NON_PRINTABLE.search(text)
        at = strange.start() if strange else 0
        raise Failure(
            "is not YAML: it has a character that YAML does not allow", source.path, _at(source, at)
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.index if mark else 0
        if _NESTING_PROBLEM in (error.problem or ""):
            raise _too_deep(source, _too_deep_before(source.text, at)) from None
        said = " ".join(filter(None, (error.context, error.problem)))
        raise Failure(f"is not YAML: {said}", source.path, _at(source, at)) from None
    except yaml.YAMLError as error:
        raise Failure(f"is not YAML: {error}", source.path, _at(source, 0)) from None
    except _TooDeep as error:
        raise _too_deep(source, error.offset) from None


def _nodes(composer: Any) -> Iterator[Node]:
    while composer.check_node():
        yield composer.get_node()


def _too_deep_before(text: str, limit: int) -> int:
    """Return the offset at which nesting exceeds MAX_DEPTH. libyaml finds the text nested too deeply at offset `limit`.

    libyaml 0.2.6 looks ahead and reaches its own limit first. It does not if the text ends at `limit`.
    """
    import yaml

    try:
        list(_nodes(_redefining_composer_class()(text[:limit])))
    except _TooDeep as error:
        return error.offset
    except yaml.YAMLError:
        pass
    return limit


def _at(source: Source, offset: int) -> Span:
    return Span(source, offset, offset + 1)


def _too_deep(source: Source, offset: int) -> OutOfBounds:
    return OutOfBounds(f"is nested more than {MAX_DEPTH} levels deep", source.path, _at(source, offset))


class _TooDeep(Exception):
    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class _Resolver:
    """Replaces PyYAML's resolver. It leaves scalars as they are, and limits nesting to protect the stack."""

    depth = 0

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeep(parent.start_mark.index if parent else 0)

    def ascend_resolver(self) -> None:
        self.depth -= 1

    def resolve(self, kind: type[Node], value: str | None, implicit: tuple[bool, bool] | bool) -> str:
        """Return a tag for a node without one. For a scalar, `implicit` tells whether it is plain."""
        if isinstance(implicit, tuple):
            return PLAIN if implicit[0] else QUOTED
        return COLLECTION


@cache
def _composer_class() -> type:
    """Return the fastest composer available. libyaml's composer rejects an anchor that is defined twice."""
    import yaml

    if not yaml.__with_libyaml__:
        return _redefining_composer_class()

    class Composer(_Resolver, _parser_class()):  # type: ignore[misc]
        pass

    return Composer


@cache
def _redefining_composer_class() -> type:
    """Return a composer in which an anchor can be redefined: later aliases refer to the new node, as YAML requires.

    https://yaml.org/spec/1.2.2/#71-alias-nodes
    """
    import yaml

    parser = _parser_class()

    class Composer(_Resolver, yaml.composer.Composer, parser):  # type: ignore[misc, valid-type]
        def __init__(self, text: str) -> None:
            parser.__init__(self, text)  # type: ignore[misc]
            yaml.composer.Composer.__init__(self)

        def compose_node(self, parent: Node | None, index: int) -> Node | None:
            if not self.check_event(yaml.AliasEvent):
                self.anchors.pop(self.peek_event().anchor, None)
            return super().compose_node(parent, index)

    return Composer


@cache
def _closing_composer_class() -> type:
    """Return a composer in which the last node to end has an anchor, and that refuses an alias inside such a node.

    https://github.com/zclconf/go-cty-yaml/blob/v1.1.0/implied_type.go
    """
    import yaml

    redefining: Any = _redefining_composer_class()

    class Composer(redefining):  # type: ignore[misc]
        def __init__(self, text: str) -> None:
            super().__init__(text)
            self._open: list[str] = []

        def compose_node(self, parent: Node | None, index: int) -> Node | None:
            event: Any = self.peek_event()
            is_alias = self.check_event(yaml.AliasEvent)
            if is_alias and event.anchor in self._open:
                raise yaml.composer.ComposerError(None, None, "an alias inside its own anchor", event.start_mark)
            if is_alias or event.anchor is None:
                return cast("Node | None", super().compose_node(parent, index))
            self._open.append(event.anchor)
            node = cast("Node | None", super().compose_node(parent, index))
            self.anchors[self._open.pop()] = node
            return node

    return Composer


def _parser_class() -> type:
    """Return the class that parses a text into events. It is libyaml's parser if PyYAML was built with it."""
    import yaml

    if yaml.__with_libyaml__:
        from yaml._yaml import CParser

        return CParser

    class PureParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
        def __init__(self, text: str) -> None:
            yaml.reader.Reader.__init__(self, text)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)

    return PureParser


class _Extent(NamedTuple):
    """The number of nodes in a node, with expanded aliases, and its depth."""

    size: int
    height: int


class Converter:
    """Turns the nodes of one document into values, each node once."""

    def __init__(self, source: Source, resolve: Resolve, apply_tag: ApplyTag | None) -> None:
        self.source = source
        self._resolve = resolve
        self._apply_tag = apply_tag
        self._converted: dict[int, Value] = {}

    def document(self, root: Node) -> Value:
        """Return the value of the root node of a document. Raises Failure."""
        if "*" in self.source.text and "&" in self.source.text:
            self._measure(root, {})
        return self.convert(root)

    def _measure(self, node: Node, measured: dict[int, _Extent | None]) -> _Extent:
        """Return the extent of a node. Raises Failure for an alias that contains itself or expands to too much."""
        if isinstance(node.value, str):
            return _Extent(1, 1)
        if id(node) in measured:
            known = measured[id(node)]
            if known is None:
                raise self.failure("an alias refers to a node that contains it", node)
            return known
        measured[id(node)] = None
        parts = [part[1] if isinstance(part, tuple) else part for part in node.value]
        extents = [self._measure(part, measured) for part in parts]
        extent = _Extent(1 + sum(part.size for part in extents), 1 + max((part.height for part in extents), default=0))
        if extent.size > MAX_ALIASED + len(measured):
            message = f"has aliases that expand to more than {MAX_ALIASED} values"
            raise OutOfBounds(message, self.source.path, _at(self.source, node.start_mark.index))
        if extent.height > MAX_DEPTH:
            raise _too_deep(self.source, node.start_mark.index)
        measured[id(node)] = extent
        return extent

    def convert(self, node: Node) -> Value:
        """Return the value of a node. Raises Failure."""
        if isinstance(node.value, str):
            return self.scalar(node)
        value = self._converted.get(id(node))
        if value is None:
            value = self._collection(cast("SequenceNode | MappingNode", node))
            self._converted[id(node)] = value
        return value

    def _collection(self, node: SequenceNode | MappingNode) -> Value:
        value = self._sequence(node) if node.id == "sequence" else self.mapping(node)
        return self._tagged(node, value) if node.tag.startswith("!") else value

    def scalar(self, node: Node) -> Value:
        """Return the value of a scalar. Raises Failure."""
        text, tag = node.value, node.tag
        start, end = self.start(node), node.end_mark.index
        source = self.source
        if tag == PLAIN:
            return Known(self._resolve(text), Span(source, start, end))
        # The node of a block scalar ends at the next token.
        end = start + len(source.text[start:end].rstrip())
        value = Known(text, Span(source, start, end))
        if tag == QUOTED or tag == STANDARD + "str" or tag == "!":
            return value
        if tag.startswith(STANDARD):
            return value._replace(value=self._resolve(text))
        return self._tagged(node, value)

    def _tagged(self, node: Node, value: Value) -> Value:
        if self._apply_tag is None or value.span is None:
            raise self.failure(f"unknown tag {node.tag}", node)
        return self._apply_tag(node.tag, value, Span(self.source, self.start(node), value.span.end))

    def _sequence(self, node: CollectionNode) -> Value:
        children = [self.convert(item) for item in node.value]
        return ListValue(tuple(children), self.span(node, children))

    def mapping(self, node: CollectionNode) -> Value:
        """Return the value of a mapping. Raises Failure."""
        children = [self.convert(value) for _, value in node.value]
        span = self.span(node, children)
        merged: list[Pair] = []
        own: list[Pair] = []
        for (key_node, value_node), child in zip(node.value, children, strict=True):
            if key_node.value == "<<" and key_node.tag in (PLAIN, STANDARD + "merge"):
                merged += self._merged(child, value_node)
                continue
            if not isinstance(key_node.value, str):
                raise self.failure(_KEY_PROBLEM, key_node)
            key = Known(key_node.value, Span(self.source, key_node.start_mark.index, key_node.end_mark.index))
            own.append(Pair(key, child, span))
        return ObjectValue((*merged, *own), span)

    def _merged(self, value: Value, node: Node) -> list[Pair]:
        """Return the members that a merge key adds. The first of several mappings wins."""
        parts = reversed(value.items) if isinstance(value, ListValue) else [value]
        pairs: list[Pair] = []
        for part in parts:
            if not isinstance(part, ObjectValue):
                raise self.failure("a merge key requires a mapping or a list of mappings", node)
            pairs += [member for member in part.members if isinstance(member, Pair)]
        return pairs

    def span(self, node: CollectionNode, children: list[Value]) -> Span:
        """Return the span of a collection, without a tag or anchor before it and the text after its last value."""
        text = self.source.text
        start, end = node.start_mark.index, node.end_mark.index
        if text.startswith(("&", "!"), start):
            properties = _PROPERTIES.match(text, start, end)
            start = properties.end() if properties else start
        if not node.flow_style and children:
            last = children[-1].span
            # The last value may be an alias, whose span is elsewhere.
            end = last.end if last and last.start >= start else start + len(text[start:end].rstrip())
        return Span(self.source, start, end)

    def start(self, node: Node) -> int:
        """Return the start of a scalar or a tagged value, after its anchor."""
        start: int = node.start_mark.index
        if not self.source.text.startswith("&", start):
            return start
        match = _ANCHOR.match(self.source.text, start)
        return match.end() if match else start

    def failure(self, message: str, node: Node) -> Failure:
        """Return the failure of a document because of a node."""
        return Failure(f"is not usable YAML: {message}", self.source.path, _at(self.source, node.start_mark.index))
