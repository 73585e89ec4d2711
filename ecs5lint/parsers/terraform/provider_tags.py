"""Determine the tags of a resource: its own, and the default tags of its provider.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
"""

from __future__ import annotations

from functools import partial

from ecs5lint.location import Span
from ecs5lint.parsers.terraform.language.scope import Scope
from ecs5lint.parsers.terraform.modules.module_scope import ModuleScope
from ecs5lint.parsers.terraform.nested_blocks import nested_block
from ecs5lint.parsers.terraform.syntax.blocks import Argument, Block
from ecs5lint.values.alternatives import leaves, lift
from ecs5lint.values.kinds import ABSENT, Absent, Known, ObjectValue, Pair, Rest, Unknown, Value, all_assumptions
from ecs5lint.values.members import nested_member

TAGS = "tags"
_PROVIDER, _DEFAULT_TAGS = "aws", "default_tags"


def with_default_tags(scope: ModuleScope, block: Block, tags: Value) -> Value:
    """Return the tags of a resource, or of a module that is not installed, together with those of its provider."""
    default, tags = _without_nulls(_default_tags(scope, block)), _without_nulls(tags)
    return tags if isinstance(default, Absent) else lift(partial(_together, block.span), default, tags)


def _without_nulls(tags: Value) -> Value:
    """Return tags without those whose value is null, which the provider leaves out. Raises TooManyAlternatives."""
    return lift(_without_nulls_in_map, tags)


def _without_nulls_in_map(tags: Value) -> Value:
    if not isinstance(tags, ObjectValue):
        return tags
    nullable = [item for item in tags.members if isinstance(item, Pair) and _may_be_null(item.value)]
    return lift(partial(_with_values, tags, nullable), *(item.value for item in nullable)) if nullable else tags


def _with_values(tags: ObjectValue, nullable: list[Pair], *values: Value) -> Value:
    left_out = {id(item) for item, value in zip(nullable, values, strict=True) if _is_null(value)}
    members = tuple(item for item in tags.members if id(item) not in left_out)
    return tags._replace(members=members, assumptions=tags.assumptions | all_assumptions(values))


def _may_be_null(value: Value) -> bool:
    return any(_is_null(leaf) for _, leaf in leaves(value))


def _is_null(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None


def _default_tags(scope: ModuleScope, block: Block) -> Value:
    """Return the default tags of a resource's provider. They are unknown if several providers may be meant."""
    places = [scope, scope.root] if scope.root is not scope else [scope]
    providers = [(place, item) for place in places for item in place.module.providers if item.labels == (_PROVIDER,)]
    alias = _alias_of(scope, block)
    if alias is not None:
        providers = [(place, item) for place, item in providers if _written(item.argument("alias")) == alias]
    tagged = [item for item in providers if _may_tag(item[1])]
    if not tagged:
        return ABSENT
    if len(providers) > 1:
        return Unknown("the source does not say which provider it has, and its default_tags", block.span)
    place, provider = tagged[0]
    return nested_member(nested_block(place, provider, _DEFAULT_TAGS, _with_each(place, provider)), TAGS)


def _with_each(place: ModuleScope, provider: Block) -> Scope:
    """Return the scope of a provider block, in which `each` is any of its instances, if it has some."""
    if provider.argument("for_each") is None:
        return place
    any_instance = Unknown("each is any of the instances of the provider", provider.span)
    pairs = tuple(Pair(Known(name), any_instance) for name in ("key", "value"))
    return place.bind({"each": ObjectValue(pairs)}, "each")


def _may_tag(provider: Block) -> bool:
    return _DEFAULT_TAGS in provider.span.text


def _alias_of(scope: ModuleScope, block: Block) -> str | None:
    """Return the alias of a resource's provider, which is empty for the default provider, or None if it is unknown."""
    if scope.root is scope and block.argument("providers") is None:
        # OpenTofu has instances of a provider: aws.by_region["eu-west-1"].
        provider = _written(block.argument("provider")).partition("[")[0]
        return provider.removeprefix(_PROVIDER).lstrip(".")
    is_given = scope.module.providers or any(block.argument(name) for name in ("provider", "providers"))
    return None if is_given or any("providers" in call.span.text for call in scope.origin.calls) else ""


def _written(argument: Argument | None) -> str:
    return argument.value_span.text.strip('"') if argument else ""


def _together(span: Span, default: Value, tags: Value) -> Value:
    """Return the default tags of a provider with those of a resource, whose position is `span`."""
    members: list[Pair | Rest] = []
    for item in (default, tags):
        if isinstance(item, ObjectValue):
            members += item.members
        elif isinstance(item, Unknown):
            members.append(Rest(item))
        elif not isinstance(item, Absent) and not _is_null(item):
            members.append(Rest(Unknown("the tags are not a map", item.span)))
    return ObjectValue(tuple(members), tags.span or span, all_assumptions([default, tags]))
