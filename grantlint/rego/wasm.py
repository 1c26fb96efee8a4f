"""Rules that OPA has compiled to WebAssembly, run in process by wasmtime.

The interface of such a module is OPA's ABI 1.2: values live in its memory and are handed over as
text; what an evaluation allocates is dropped before the next one.
https://www.openpolicyagent.org/docs/wasm
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from wasmtime import (
    Config,
    Engine,
    Func,
    FuncType,
    Instance,
    Limits,
    Memory,
    MemoryType,
    Module,
    Store,
    Trap,
    TrapCode,
    ValType,
    WasmtimeError,
)

from grantlint.model.json import Json
from grantlint.rego import machine_code
from grantlint.rego.builtins import BUILTINS, BuiltinError, call
from grantlint.rego.engine import RuleError, Verdict, as_text
from grantlint.rego.opa import OpaError
from grantlint.rego.terms import Set, Term, read, to_json

_PAGE: Final = 1 << 16
_MOST_PAGES: Final = 4096
"""256 MB: far more than rules on one object need."""
_SECONDS: Final = 30
"""Of one evaluation of one object; a thousandth of a second is usual."""
_TICKS: Final = 10
"""The parts into which the time of an evaluation is divided: it ends within the last of them."""
_MAIN: Final = "grantlint_main/verdict"
_ALONE: Final = "grantlint/"
"""What the entry of one rule begins with."""
_AS_TERM: Final = 1
"""The result's form that tells sets from arrays; 0 is JSON."""
_UNDEFINED: Final = 0
_CHUNK: Final = 4096
"""How much of a text is read at once, as its length is not known."""


class _AbortError(Exception):
    """The module gave up, and says why."""


class Wasm:
    """One module, loaded and ready. Not for several threads at once.

    An evaluation that takes longer than `seconds` is interrupted. Raises OpaError for a module
    that is none, or not of such rules.
    """

    def __init__(self, wasm: bytes, *, seconds: float = _SECONDS) -> None:
        config = Config()
        config.epoch_interruption = True
        # Else it reserves gigabytes of addresses, which it does not get where `ulimit -v` is set.
        config.memory_reservation = 0
        config.memory_reservation_for_growth = 0
        config.memory_guard_size = 0
        self._seconds = seconds
        self._engine = Engine(config)
        try:
            self._module = machine_code.module(self._engine, wasm)
            self._constants = -(-len(wasm) // _PAGE)
            self._instance = self._fresh()
        except (WasmtimeError, Trap, KeyError, ValueError) as error:
            text = str(error).partition("\n")[0]
            raise OpaError(f"its WebAssembly cannot be used: {text}") from None
        if _MAIN not in self._instance.entrypoints:
            raise OpaError(f"its WebAssembly has no entry point {_MAIN}")
        if missing := sorted(self.builtins - BUILTINS.keys()):
            raise OpaError(f"its WebAssembly asks for builtins that are not here: {missing[0]}")

    def _fresh(self) -> _Instance:
        return _Instance(self._engine, self._module, self._constants)

    @property
    def builtins(self) -> frozenset[str]:
        """The builtins that the module asks its host for."""
        return frozenset(self._instance.builtins.values())

    def evaluate(self, inputs: Sequence[Json]) -> list[Verdict]:
        """See `Engine`."""
        with self._ticking():
            return [self._verdict(as_text(input).encode()) for input in inputs]

    def _verdict(self, input: bytes) -> Verdict:
        try:
            found: Any = self._instance.evaluate(_MAIN, input)
        except _AbortError as error:
            raise self._blamed(input, self._said(error)) from None
        return found or {}

    def _blamed(self, input: bytes, reason: str) -> RuleError:
        """The rule that gave up: each is asked alone, in a fresh instance."""
        try:
            for name in self._rules():
                self._instance = self._fresh()
                self._instance.evaluate(f"{_ALONE}{name}", input)
        except _AbortError as error:
            return RuleError(name, self._said(error))
        finally:
            self._instance = self._fresh()
        return RuleError(None, reason)

    def _rules(self) -> list[str]:
        entries = sorted(self._instance.entrypoints)
        names = [one.removeprefix(_ALONE) for one in entries if one.startswith(_ALONE)]
        return [name for name in names if "/" not in name]

    def _said(self, error: _AbortError) -> str:
        return str(error) or f"no answer within {self._seconds:g} s"

    @contextmanager
    def _ticking(self) -> Iterator[None]:
        """Count the time, by which an evaluation is interrupted."""
        over = threading.Event()

        def tick() -> None:
            while not over.wait(self._seconds / _TICKS):
                self._engine.increment_epoch()

        clock = threading.Thread(target=tick, daemon=True)
        clock.start()
        try:
            yield
        finally:
            over.set()
            clock.join()


class _Instance:
    """A module with its memory, and the calls of OPA's interface.

    `constants` are the pages that its constants take at most. OPA writes them into the memory and
    does not count them in what it asks for.
    """

    def __init__(self, engine: Engine, module: Module, constants: int) -> None:
        self._store = Store(engine)
        self._store.set_epoch_deadline(_TICKS)
        pages = _pages(module) + constants
        self._memory = Memory(self._store, MemoryType(Limits(pages, _MOST_PAGES)))
        provided: dict[str, Func | Memory] = {"memory": self._memory, **self._functions()}
        imports = [provided[str(one.name)] for one in module.imports]
        self._exports = Instance(self._store, module, imports).exports(self._store)
        names: dict[str, int] = json.loads(self._text(self._json("builtins")))
        self.builtins = {number: name for name, number in names.items()}
        self.entrypoints: dict[str, int] = json.loads(self._text(self._json("entrypoints")))
        empty = self._call("opa_malloc", 2)
        self._memory.write(self._store, b"{}", empty)
        self._data = self._call("opa_json_parse", empty, 2)
        self._heap: int = self._call("opa_heap_ptr_get")
        self._constants: dict[int, Term] = {}

    def evaluate(self, entrypoint: str, input: bytes) -> Json:
        """The value of an entrypoint for an input, None where it is undefined."""
        end = self._heap + len(input)
        missing = end - self._memory.data_len(self._store)
        try:
            if missing > 0:
                self._memory.grow(self._store, -(-missing // _PAGE))
            self._memory.write(self._store, input, self._heap)
            self._store.set_epoch_deadline(_TICKS)
            found = self._call(
                "opa_eval",
                0,
                self.entrypoints[entrypoint],
                self._data,
                self._heap,
                len(input),
                end,
                _AS_TERM,
            )
            return _result(read(self._text(found)))
        except Trap as error:
            interrupted = error.trap_code is TrapCode.INTERRUPT
            reason = "" if interrupted else error.message.partition("\n")[0]
            raise _AbortError(reason) from None
        except (WasmtimeError, RecursionError) as error:
            raise _AbortError(str(error).partition("\n")[0]) from None

    def _call(self, name: str, *arguments: int) -> int:
        result: int = self._exports[name](self._store, *arguments)  # type: ignore[operator]
        return result

    # -- what the module asks of its host --------------------------------------------------

    def _functions(self) -> dict[str, Func]:
        number = ValType.i32()
        quiet = FuncType([number], [])
        builtin = [FuncType([number] * (2 + count), [number]) for count in range(5)]
        return {
            "opa_abort": Func(self._store, quiet, self._abort),
            "opa_println": Func(self._store, quiet, lambda _: None),
            **{
                f"opa_builtin{count}": Func(self._store, type, self._builtin)
                for count, type in enumerate(builtin)
            },
        }

    def _abort(self, address: int) -> None:
        raise _AbortError(self._text(address))

    def _builtin(self, number: int, _context: int, *arguments: int) -> int:
        values = [self._term(one) for one in arguments]
        try:
            result = call(self.builtins[number], values)
        except BuiltinError as error:
            raise _AbortError(str(error)) from None
        if result is None:
            return _UNDEFINED
        text = json.dumps(result, ensure_ascii=False).encode()
        address = self._call("opa_malloc", len(text))
        self._memory.write(self._store, text, address)
        return self._call("opa_json_parse", address, len(text))

    def _term(self, address: int) -> Term:
        """The value at an address; what stands below the heap are constants of the module."""
        if address in self._constants:
            return self._constants[address]
        found = read(self._text(self._call("opa_value_dump", address)))
        if address < self._heap:
            self._constants[address] = found
        return found

    # -- its memory ------------------------------------------------------------------------

    def _json(self, name: str) -> int:
        return self._call("opa_json_dump", self._call(name))

    def _text(self, address: int) -> str:
        """The text at an address, which ends with a zero byte."""
        size = self._memory.data_len(self._store)
        found = bytearray()
        while address < size:
            chunk = self._memory.read(self._store, address, min(address + _CHUNK, size))
            text, end, _ = chunk.partition(b"\0")
            found += text
            if end:
                break
            address += _CHUNK
        return found.decode("utf-8", "replace")


def _pages(module: Module) -> int:
    """The memory that a module wants to begin with."""
    wanted = (one.type.limits.min for one in module.imports if isinstance(one.type, MemoryType))
    return max(wanted, default=0)


def _result(results: Term) -> Json:
    """What an evaluation gave: a set of at most one `{"result": value}`."""
    assert isinstance(results, Set)
    found = [to_json(one) for one in results.members]
    return found[0]["result"] if found and isinstance(found[0], dict) else None
