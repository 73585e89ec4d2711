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

    #: The constructors by number of fields. `namedtuple` compiles one for each tuple, and compiling only one for each
    #: number still took a twentieth of a short run.
    _CONSTRUCTORS = (
        lambda _class: _new(_class, ()),
        lambda _class, a: _new(_class, (a,)),
        lambda _class, a, b: _new(_class, (a, b)),
        lambda _class, a, b, c: _new(_class, (a, b, c)),
        lambda _class, a, b, c, d: _new(_class, (a, b, c, d)),
        lambda _class, a, b, c, d, e: _new(_class, (a, b, c, d, e)),
        lambda _class, a, b, c, d, e, f: _new(_class, (a, b, c, d, e, f)),
        lambda _class, a, b, c, d, e, f, g: _new(_class, (a, b, c, d, e, f, g)),
        lambda _class, a, b, c, d, e, f, g, h: _new(_class, (a, b, c, d, e, f, g, h)),
        lambda _class, a, b, c, d, e, f, g, h, i: _new(_class, (a, b, c, d, e, f, g, h, i)),
        lambda _class, a, b, c, d, e, f, g, h, i, j: _new(_class, (a, b, c, d, e, f, g, h, i, j)),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k: _new(_class, (a, b, c, d, e, f, g, h, i, j, k)),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m: _new(_class, (a, b, c, d, e, f, g, h, i, j, k, m)),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n: _new(_class, (a, b, c, d, e, f, g, h, i, j, k, m, n)),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n, o: _new(
            _class, (a, b, c, d, e, f, g, h, i, j, k, m, n, o)
        ),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p: _new(
            _class, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p)
        ),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q: _new(
            _class, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q)
        ),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r: _new(
            _class, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r)
        ),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s: _new(
            _class, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s)
        ),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t: _new(
            _class, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t)
        ),
        lambda _class, a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u: _new(
            _class, (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, r, s, t, u)
        ),
    )

    class _Tuple(tuple):
        """The methods of named tuples."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _replace(self, /, **changes):
            values = list(self)
            for name, value in changes.items():
                values[self._fields.index(name)] = value
            return _new(type(self), values)

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
            code = _CONSTRUCTORS[len(fields)].__code__.replace(co_varnames=("_class", *fields))
            defined.__new__ = _function(code, {"_new": _new}, "__new__", defaults)
            return defined

    NamedTuple = type.__new__(_Definition, "NamedTuple", (), {})
