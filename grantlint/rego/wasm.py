"""Rules that OPA has compiled to WebAssembly, run in process by wasmtime.

The interface of such a module is OPA's ABI 1.2: values live in its memory and are handed over as
JSON text; what an evaluation allocates is dropped before the next one.
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
from grantlint.rego.builtins import call
from grantlint.rego.engine import RuleError, Verdict

_PAGE: Final = 1 << 16
_MOST_PAGES: Final = 4096
"""256 MB: far more than rules on one object need."""
_SECONDS: Final = 10
"""Of one evaluation of one object; a thousandth of a second is usual."""
_MAIN: Final = "grantlint_main/verdict"


class _AbortError(Exception):
    """The module gave up, and says why."""


class Wasm:
    """One module, loaded and ready. Not for several threads at once."""

    def __init__(self, wasm: bytes) -> None:
        config = Config()
        config.epoch_interruption = True
        self._engine = Engine(config)
        self._module = machine_code.module(self._engine, wasm)
        self._instance = _Instance(self._engine, self._module)

    @property
    def builtins(self) -> frozenset[str]:
        """The builtins that the module asks its host for."""
        return frozenset(self._instance.builtins.values())

    def evaluate(self, inputs: Sequence[Json]) -> list[Verdict]:
        """See `Engine`."""
        with _ticking(self._engine):
            return [self._verdict(input) for input in inputs]

    def _verdict(self, input: Json) -> Verdict:
        try:
            return self._instance.evaluate(_MAIN, input) or {}
        except _AbortError as error:
            raise self._blamed(input, str(error)) from None

    def _blamed(self, input: Json, reason: str) -> RuleError:
        """The rule that gave up: each is asked alone, in a fresh instance."""
        for entrypoint in sorted(self._instance.entrypoints.keys() - {_MAIN}):
            self._instance = _Instance(self._engine, self._module)
            try:
                self._instance.evaluate(entrypoint, input)
            except _AbortError as error:
                return RuleError(entrypoint.partition("/")[2], str(error))
        return RuleError("all of them together", reason)


@contextmanager
def _ticking(engine: Engine) -> Iterator[None]:
    """Count the seconds, by which an evaluation is interrupted."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(1):
            engine.increment_epoch()

    threading.Thread(target=tick, daemon=True).start()
    try:
        yield
    finally:
        over.set()


class _Instance:
    """A module with its memory, and the calls of OPA's interface."""

    def __init__(self, engine: Engine, module: Module) -> None:
        self._store = Store(engine)
        self._store.set_limits(memory_size=_PAGE * _MOST_PAGES)
        self._store.set_epoch_deadline(_SECONDS)
        self._memory = Memory(self._store, MemoryType(Limits(2, _MOST_PAGES)))
        provided: dict[str, Func | Memory] = {"memory": self._memory, **self._functions()}
        imports = [provided[str(one.name)] for one in module.imports]
        self._exports = Instance(self._store, module, imports).exports(self._store)
        names: dict[str, int] = self._dumped(self._call("builtins"))
        self.builtins = {number: name for name, number in names.items()}
        self.entrypoints: dict[str, int] = self._dumped(self._call("entrypoints"))
        empty = self._call("opa_malloc", 2)
        self._memory.write(self._store, b"{}", empty)
        self._data = self._call("opa_json_parse", empty, 2)
        self._heap = self._call("opa_heap_ptr_get")

    def evaluate(self, entrypoint: str, input: Json) -> Any:
        """The value of an entrypoint for an input, None where it is undefined."""
        text = json.dumps(input, ensure_ascii=False).encode("utf-8", "replace")  # odd file names
        end = self._heap + len(text)
        missing = end - self._memory.data_len(self._store)
        try:
            if missing > 0:
                self._memory.grow(self._store, -(-missing // _PAGE))
            self._memory.write(self._store, text, self._heap)
            self._store.set_epoch_deadline(_SECONDS)
            number = self.entrypoints[entrypoint]
            found = self._call("opa_eval", 0, number, self._data, self._heap, len(text), end, 0)
        except Trap as error:
            interrupted = error.trap_code is TrapCode.INTERRUPT
            reason = f"no answer within {_SECONDS} s" if interrupted else error.message
            raise _AbortError(reason.partition("\n")[0]) from None
        except WasmtimeError as error:
            raise _AbortError(str(error).partition("\n")[0]) from None
        results = json.loads(self._text(found))
        return results[0]["result"] if results else None

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
        values = [self._dumped(address) for address in arguments]
        try:
            result = call(self.builtins[number], values)
        except (TypeError, ValueError) as error:
            raise _AbortError(str(error)) from None
        text = json.dumps(result).encode()
        address = self._call("opa_malloc", len(text))
        self._memory.write(self._store, text, address)
        return self._call("opa_json_parse", address, len(text))

    # -- its memory ------------------------------------------------------------------------

    def _dumped(self, address: int) -> Any:
        return json.loads(self._text(self._call("opa_json_dump", address)))

    def _text(self, address: int) -> str:
        """The text at an address, which ends with a zero byte."""
        end = address
        chunk = 4096
        size = self._memory.data_len(self._store)
        found = bytearray()
        while (stop := found.find(0)) < 0 and end < size:
            found += self._memory.read(self._store, end, min(end + chunk, size))
            end += chunk
        return bytes(found[:stop]).decode()
