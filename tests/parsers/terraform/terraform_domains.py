"""Generate Terraform modules whose variables refuse values, for comparison with Terraform.

A module has one or two variables, each with a few values that are all tried, and expressions that depend on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

#: The values to try for each type. The last string and the last number are in no condition.
VALUES = {
    "string": ('"a"', '"b"', '"c"', '""', "null", '"other"'),
    "number": ("1", "2", "3", "null", "9"),
    "bool": ("true", "false", "null"),
}
#: Conditions on VAR, by its type. Not all of them limit the variable to a list of values.
CONDITIONS = {
    "string": (
        'contains(["a", "b"], VAR)',
        "contains(local.allowed, VAR)",
        'VAR == "a" || VAR == "b"',
        '(VAR == "a" || "c" == VAR) && VAR != "c"',
        'VAR == null ? true : contains(["a", "c"], VAR)',
        'VAR == null || VAR == "a"',
        'can(regex("^(a|b)$", VAR))',
        'can(regex("^[ab]?$", VAR))',
        'can(regex("^a", VAR))',
        'length(regexall("^(?:a|c)$", VAR)) > 0',
        "length(VAR) > 0",
        "length(VAR) == 1",
        'VAR != "c"',
        "VAR != null",
        'anytrue([VAR == "a", VAR == "b"])',
        'anytrue([for x in ["a", "c"] : x == VAR])',
        'alltrue([VAR != "b", VAR != "c"])',
        'try(index(["a", "b"], VAR) >= 0, false)',
        'can(index(["a", "b"], VAR))',
        'contains(["A", "B"], upper(VAR))',
        'startswith(VAR, "a")',
        'try(contains(["a"], VAR), true)',
        "contains(keys({ a = 1, b = 2 }), VAR)",
    ),
    "number": (
        "contains([1, 2], VAR)",
        "VAR == 1 || VAR == 3",
        "VAR >= 1 && VAR <= 2",
        "VAR > 1",
        "VAR != 3",
        "VAR % 2 == 1",
        "VAR == null ? true : VAR < 3",
        'contains(["1", "2"], tostring(VAR))',
        "floor(VAR) == VAR",
    ),
    "bool": ("VAR", "!VAR", "VAR == true", "VAR != null", "VAR == null || VAR == true", "contains([true], VAR)"),
}
#: Expressions that depend on VAR.
CHOICES = {
    "string": (
        'VAR == "a" ? 1 : 2',
        'VAR == "c" ? 1 : VAR == "b" ? 2 : 3',
        "VAR == null ? 1 : 2",
        'VAR != "b" && VAR != "a" ? 1 : 2',
        "try({ a = 1, b = 2 }[VAR], 3)",
        'lookup({ a = 1, c = 2 }, coalesce(VAR, "x"), 3)',
        'VAR == "" ? 1 : 2',
        'contains(["c", "other"], VAR) ? 1 : 2',
        "VAR == null",
        'VAR == "c"',
    ),
    "number": (
        "VAR == 1 ? 1 : 2",
        "VAR == 3 ? 1 : VAR == 2 ? 2 : 3",
        "VAR == null ? 1 : 2",
        "try({ 1 = 1, 2 = 2 }[VAR], 3)",
        "VAR == 9",
        "try([1, 2, 3][VAR], 4)",
    ),
    "bool": ("VAR ? 1 : 2", "VAR == null ? 1 : 2", "VAR == true ? 1 : 2", "VAR", "VAR == false ? 1 : 2"),
}


@dataclass(frozen=True)
class Constrained:
    """A module, and the values of its variables: every combination, where None leaves a variable unset."""

    text: str
    assignments: tuple[dict[str, str | None], ...]
    probes: int


def constrained(random: Random) -> Constrained:
    """Return a generated module."""
    variables, names, tried = [], {}, []
    for number in range(random.choice((1, 1, 2))):
        name, kind = f"v{number}", random.choice(("string", "string", "number", "bool"))
        is_attribute = random.randrange(4) == 0
        reference = f"var.{name}.k" if is_attribute else f"var.{name}"
        has_default, values = random.randrange(2) == 0, list(VALUES[kind])
        default = random.choice(values)
        if is_attribute:
            optional = f", {default}" if has_default else ""
            lines = [f"type = object({{ k = optional({kind}{optional}) }})"]
            values = [f"{{ k = {value} }}" for value in values] + ["{}"]
        else:
            lines = [f"type = {kind}"]
            if has_default:
                lines.append(f"default = {default}")
            if random.randrange(3) == 0:
                lines.append("nullable = false")
        for condition in random.sample(CONDITIONS[kind], random.choice((0, 1, 1, 1, 2))):
            text = condition.replace("VAR", reference)
            lines.append(f'validation {{\n    condition     = {text}\n    error_message = "No."\n  }}')
        variables.append(f'variable "{name}" {{\n  ' + "\n  ".join(lines) + "\n}\n")
        names[reference] = kind
        tried.append([(name, value) for value in values] + ([(name, None)] if has_default and not is_attribute else []))
    probes = [_probe(random, names) for _ in range(3)]
    members = "\n".join(f"    p{number} = {probe}" for number, probe in enumerate(probes))
    text = "".join(variables) + 'locals {\n  allowed = toset(["b", "a"])\n}\n'
    text += f'resource "terraform_data" "probe" {{\n  input = {{\n{members}\n  }}\n}}\n'
    combinations: list[dict[str, str | None]] = [dict(pairs) for pairs in product(*tried)]
    return Constrained(text, tuple(random.sample(combinations, min(12, len(combinations)))), len(probes))


def _probe(random: Random, names: dict[str, str]) -> Any:
    reference, kind = random.choice(list(names.items()))
    probe = random.choice(CHOICES[kind]).replace("VAR", reference)
    if len(names) > 1 and random.randrange(2) == 0:
        other, its = random.choice(list(names.items()))
        condition = {"string": f'{other} == "a"', "number": f"{other} == 2", "bool": f"{other} == true"}[its]
        return f"{condition} ? jsonencode({probe}) : jsonencode(0)"
    return probe
