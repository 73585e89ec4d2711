"""Implement the date and time functions.

https://developer.hashicorp.com/terraform/language/functions#date-and-time-functions
"""

from __future__ import annotations

import re
from fractions import Fraction

from ecs5lint.light_typing import TYPE_CHECKING
from ecs5lint.parsers.terraform.language.functions.function import plain, require
from ecs5lint.parsers.terraform.language.types import NUMBER, STRING
from ecs5lint.parsers.terraform.syntax.errors import EvaluationError, NotKnown
from ecs5lint.parsers.terraform.syntax.numbers import Counted
from ecs5lint.values.kinds import Unknown

if TYPE_CHECKING:
    from datetime import datetime

_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?P<fraction>[.,]\d+)?(?P<zone>Z|[+-]\d\d:\d\d)", re.ASCII
)
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
#: In nanoseconds.
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_MAX_DURATION = 100
_FORMAT = re.compile(r"'(?:[^']|'')*'|(?P<letters>([A-Za-z])\2*)|[^A-Za-z']+|'", re.DOTALL)
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def _timestamp(text: str) -> datetime:
    """Return the time in a text in RFC 3339 format. Raises EvaluationError and NotKnown."""
    from datetime import datetime

    match = _TIMESTAMP.fullmatch(text)
    require(match is not None, f"{text} is not a timestamp in the form of RFC 3339")
    assert match
    if match["fraction"] and match["fraction"].strip(".,0"):
        raise NotKnown(Unknown("fractions of a second are not evaluated"))
    try:
        zone = match["zone"].replace("Z", "+00:00")
        return datetime.fromisoformat(f"{match['date']}T{match['time']}{zone}")
    except ValueError:
        raise EvaluationError(f"{text} is not a timestamp in the form of RFC 3339") from None


def _rfc3339(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _formatdate(form: str, text: str) -> str:
    time = _timestamp(text)
    written = []
    for match in _FORMAT.finditer(form):
        piece = match.group()
        if match["letters"]:
            written.append(_field(piece, time))
        elif piece.startswith("'"):
            require(len(piece) > 1, "a quotation mark is not closed")
            written.append(piece[1:-1].replace("''", "'"))
        else:
            written.append(piece)
    return "".join(written)


def _field(letters: str, time: datetime) -> str:
    """Return one field of a time: `YYYY`, `MM`, `hh` and so on. Raises EvaluationError for an unknown field."""
    hour = time.hour % 12 or 12
    offset = time.strftime("%z")
    with_colon = f"{offset[:3]}:{offset[3:]}"
    is_utc = not time.utcoffset()
    fields = {
        "YYYY": f"{time.year:04}",
        "YY": f"{time.year % 100:02}",
        "MMMM": _MONTHS[time.month - 1],
        "MMM": _MONTHS[time.month - 1][:3],
        "MM": f"{time.month:02}",
        "M": f"{time.month}",
        "DD": f"{time.day:02}",
        "D": f"{time.day}",
        "EEEE": _DAYS[time.weekday()],
        "EEE": _DAYS[time.weekday()][:3],
        "hh": f"{time.hour:02}",
        "h": f"{time.hour}",
        "HH": f"{hour:02}",
        "H": f"{hour}",
        "AA": "AM" if time.hour < 12 else "PM",
        "aa": "am" if time.hour < 12 else "pm",
        "mm": f"{time.minute:02}",
        "m": f"{time.minute}",
        "ss": f"{time.second:02}",
        "s": f"{time.second}",
        "ZZZZZ": with_colon,
        "ZZZZ": offset,
        "ZZZ": "UTC" if is_utc else offset,
        "Z": "Z" if is_utc else with_colon,
    }
    if letters not in fields:
        raise EvaluationError(f"{letters} is not a field of a time")
    return fields[letters]


def _timeadd(text: str, duration: str) -> str:
    from datetime import timedelta

    time = _timestamp(text)
    sign, rest = (-1 if duration.startswith("-") else 1), duration.lstrip("+-") if duration[:1] in "+-" else duration
    pieces = _DURATION.findall(rest)
    whole = "".join(number + unit for number, unit in pieces) == rest
    require(rest == "0" or (bool(pieces) and whole), f"{duration} is not a duration")
    if len(duration) > _MAX_DURATION:
        raise NotKnown(Unknown("a duration is too long to evaluate"))
    nanoseconds = sum(Fraction(number) * _UNITS[unit] for number, unit in pieces)
    if nanoseconds % 10**9 or nanoseconds > 10**20:
        raise NotKnown(Unknown("fractions of a second, and very long durations, are not evaluated"))
    try:
        return _rfc3339(time + sign * timedelta(seconds=int(nanoseconds // 10**9)))
    except OverflowError:
        raise NotKnown(Unknown("a time is too far away to evaluate")) from None


def _timecmp(first: str, second: str) -> int:
    earlier, later = _timestamp(first), _timestamp(second)
    return Counted((earlier > later) - (earlier < later))


FUNCTIONS = {
    "formatdate": plain(_formatdate, (STRING, STRING), STRING),
    "timeadd": plain(_timeadd, (STRING, STRING), STRING),
    "timecmp": plain(_timecmp, (STRING, STRING), NUMBER),
}
