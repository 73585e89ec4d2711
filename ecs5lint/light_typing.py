"""Provide the names of `typing` that this package uses, without the import of that module.

A short run defines more than fifty named tuples. With `typing`, its import and these definitions took half the time of
such a run. Type checkers see the names of `typing`. At run time, a named tuple has the same fields, defaults and
methods, but is defined in a fifth of the time, and the names for annotations mean nothing.
"""

from __future__ import annotations

from collections import namedtuple

#: Type checkers take it for true. The one in `typing` would import that module.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any as Any
    from typing import NamedTuple as NamedTuple
    from typing import NoReturn as NoReturn
    from typing import Protocol as Protocol
    from typing import TextIO as TextIO
    from typing import TypeAlias as TypeAlias
    from typing import TypeVar as TypeVar
    from typing import cast as cast
else:
    Any = NoReturn = Protocol = TextIO = TypeAlias = object

    def TypeVar(name, *constraints, bound=None):
        """Return a substitute for a type variable. Nothing uses it at run time."""
        return object

    def cast(_, value):
        """Return `value`."""
        return value

    _field = type(namedtuple("_", "field").field)
    _function = type(cast)
    _new = tuple.__new__

    #: The code of the constructors by number of fields.
    _codes = {}

    class _Tuple(tuple):
        """The methods of named tuples."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _replace(self, /, **changes):
            copy = _new(type(self), map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"{type(self).__name__} has no field {', '.join(changes)}")
            return copy

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

        def __getnewargs__(self):
            return tuple(self)

    class _Definition(type):
        """Makes the statement `class X(NamedTuple)` define a tuple."""

        def __new__(cls, name, bases, body):
            defined = type(name, (_Tuple,), {"__slots__": (), **body})
            fields = tuple(defined.__annotations__)
            for index, field in enumerate(fields):
                setattr(defined, field, _field(index, f"Field {index}"))
            defined._fields = defined.__match_args__ = fields
            defaults = tuple(body[field] for field in fields if field in body)
            code = _code(len(fields)).replace(co_varnames=("_class", *fields))
            defined.__new__ = _function(code, {"_new": _new}, "__new__", defaults)
            return defined

    def _code(count):
        """Return the code of the constructor of a tuple with `count` fields. Compiling it each time takes longer."""
        if count not in _codes:
            fields = "".join(f"field_{index}, " for index in range(count))
            _codes[count] = eval(f"lambda _class, {fields}: _new(_class, ({fields}))").__code__
        return _codes[count]

    NamedTuple = type.__new__(_Definition, "NamedTuple", (), {})
