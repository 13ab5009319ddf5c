"""The program inside a torch file, walked without being run.

A pickle is a list of opcodes for a small stack machine; some of them call any function that is
named. Here the opcodes are only named by `pickletools.genops`, which runs nothing, and those that
build plain lists, dicts and tensor records are followed by our own few lines. Any other opcode,
and any name but torch's tensor and storage kinds, is refused.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from acoustic_sib.errors import StatesError

STORAGES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8",
            "BFloat16Storage": "<u2"}  # fmt: skip
_REBUILD = "torch._utils _rebuild_tensor_v2"
_ORDERED = "collections OrderedDict"
_NAMES = {_REBUILD, _ORDERED, *(f"torch {name}" for name in STORAGES)}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_PLAIN = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
          "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}  # fmt: skip
_MARK = object()


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """Where a tensor's numbers are: the member `data/<key>`, an offset and strides in elements."""

    key: str
    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class _Name:
    text: str


@dataclass(frozen=True, kw_only=True)
class _Storage:
    key: str
    kind: str


class _RefusedError(Exception):
    """What stands in the program that we do not follow."""


def values_of(program: bytes, *, place: str, instead: str) -> Any:
    """The lists, dicts and tensor records that the program describes.

    Raises StatesError at anything else, naming it.
    """
    try:
        return _Machine().followed(program)
    except _RefusedError as error:
        raise StatesError(f"{place}: {error}, which is not followed, since a pickle may run any "
                          f"program; expected plain dicts and lists of tensors: {instead}"
                          ) from None  # fmt: skip
    except (ValueError, IndexError, TypeError, KeyError, UnicodeDecodeError) as error:
        raise StatesError(
            f"{place}: its data.pkl is damaged ({str(error)[:80]}); {instead}"
        ) from None


@dataclass(kw_only=True)
class _Machine:
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def followed(self, program: bytes) -> Any:
        for opcode, argument, _ in pickletools.genops(program):
            name = opcode.name
            if name == "STOP":
                return self.stack.pop()
            if name in ("PROTO", "FRAME"):
                continue
            if name in _CONSTANTS:
                self.stack.append(_CONSTANTS[name])
            elif name in _PLAIN:
                self.stack.append(argument)
            elif name in _FOLLOWED:
                _FOLLOWED[name](self, argument)
            else:
                raise _RefusedError(f"the program in it says {name}")
        raise ValueError("it has no end")

    def since_mark(self) -> list[Any]:
        position = max(k for k, one in enumerate(self.stack) if one is _MARK)
        taken = self.stack[position + 1 :]
        del self.stack[position:]
        return taken

    def named(self, argument: str) -> None:
        if argument not in _NAMES:
            raise _RefusedError(f"the program in it calls {argument.replace(' ', '.')}")
        self.stack.append(_Name(text=argument))

    def named_from_stack(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.named(f"{module} {name}")

    def put(self, argument: int | None) -> None:
        self.memo[len(self.memo) if argument is None else argument] = self.stack[-1]

    def get(self, argument: int) -> None:
        self.stack.append(self.memo[argument])

    def tuple_of(self, n: int) -> None:
        taken = self.stack[len(self.stack) - n :]
        del self.stack[len(self.stack) - n :]
        self.stack.append(tuple(taken))

    def appended(self, many: bool) -> None:
        new = self.since_mark() if many else [self.stack.pop()]
        if not isinstance(self.stack[-1], list):
            raise _RefusedError("the program in it appends to no list")
        self.stack[-1].extend(new)

    def set_items(self, many: bool) -> None:
        new = self.since_mark() if many else [self.stack.pop(-2), self.stack.pop()]
        if not isinstance(self.stack[-1], dict):
            raise _RefusedError("the program in it sets items of no dict")
        if not all(isinstance(key, (str, int)) for key in new[::2]):
            raise _RefusedError("the program in it names things by other than text")
        self.stack[-1].update(zip(new[::2], new[1::2], strict=True))

    def storage(self, _: Any) -> None:
        found = self.stack.pop()
        if not (isinstance(found, tuple) and len(found) == 5 and found[0] == "storage"
                and isinstance(found[1], _Name) and isinstance(found[2], str)):  # fmt: skip
            raise _RefusedError("the program in it points at something that is no storage")
        kind = found[1].text.removeprefix("torch ")
        if kind not in STORAGES or not found[2].isdigit():
            raise _RefusedError(
                f"the program in it points at a storage {found[2][:20]!r} of {kind}"
            )
        self.stack.append(_Storage(key=found[2], kind=kind))

    def reduced(self, _: Any) -> None:
        arguments, called = self.stack.pop(), self.stack.pop()
        if called == _Name(text=_ORDERED) and arguments == ():
            self.stack.append({})
        elif called == _Name(text=_REBUILD):
            self.stack.append(_tensor(arguments))
        else:
            raise _RefusedError(f"the program in it calls {called!r:.60}")

    def noted(self, _: Any) -> None:
        """BUILD after an OrderedDict sets attributes (a state dict's `_metadata`): left alone."""
        self.stack.pop()
        if not isinstance(self.stack[-1], dict):
            raise _RefusedError("the program in it sets attributes")


def _tensor(arguments: Any) -> Tensor:
    storage, offset, shape, strides, *_ = arguments
    whole = all(type(n) is int and n >= 0 for n in (offset, *shape, *strides))
    if not isinstance(storage, _Storage) or not whole or len(shape) != len(strides):
        raise _RefusedError("the program in it describes an odd tensor")
    return Tensor(key=storage.key, storage=storage.kind, offset=offset, shape=tuple(shape),
                  strides=tuple(strides))  # fmt: skip


_FOLLOWED: dict[str, Callable[[_Machine, Any], None]] = {
    "MARK": lambda machine, _: machine.stack.append(_MARK),
    "GLOBAL": _Machine.named,
    "STACK_GLOBAL": _Machine.named_from_stack,
    "BINPUT": _Machine.put, "LONG_BINPUT": _Machine.put, "MEMOIZE": _Machine.put,
    "BINGET": _Machine.get, "LONG_BINGET": _Machine.get,
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(()),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.since_mark())),
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "APPEND": lambda machine, _: machine.appended(many=False),
    "APPENDS": lambda machine, _: machine.appended(many=True),
    "SETITEM": lambda machine, _: machine.set_items(many=False),
    "SETITEMS": lambda machine, _: machine.set_items(many=True),
    "BINPERSID": _Machine.storage,
    "REDUCE": _Machine.reduced,
    "BUILD": _Machine.noted,
}  # fmt: skip
