"""Find the comments in a text, by its syntax. JSON has none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs5lint.location import Failure, Source, Span

#: A YAML comment, in the text between two tokens.
_YAML_COMMENT = re.compile(r"(?<!\S)#[^\r\n]*")


def comments(source: Source) -> list[Span]:
    """Return the comments in a text, in order. In an invalid text, return those before the error."""
    find = {"hcl": _in_hcl, "yaml": _in_yaml}.get(source.syntax)
    return list(find(source)) if find else []


def _in_hcl(source: Source) -> Iterator[Span]:
    """https://developer.hashicorp.com/terraform/language/syntax/configuration#comments."""
    from ecs5lint.parsers.terraform.syntax.scanner import TOKEN, token_end

    offset = 0
    while token := TOKEN.search(source.text, offset):
        if token["comment"]:
            yield Span(source, token.start(), token.start() + len(token.group().rstrip()))
        try:
            offset = token_end(source, token)
        except Failure:
            return


def _in_yaml(source: Source) -> Iterator[Span]:
    """https://yaml.org/spec/1.2.2/#66-comments."""
    import yaml

    offset = 0
    try:
        for token in yaml.scan(source.text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
            for match in _YAML_COMMENT.finditer(source.text, offset, token.start_mark.index):
                yield Span(source, match.start(), match.end())
            offset = max(offset, token.end_mark.index)
    except yaml.YAMLError:
        return
