"""The cache of machine code: used when it is whole and nobody else can have put it there.

That it is used is shown by what is loaded: the code of another module, put in the place of the
right one, is what comes back.
"""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from wasmtime import Config, Engine, Module, wat2wasm

from grantlint.rego import machine_code

RIGHT = bytes(wat2wasm('(module (func (export "right")))'))
OTHER = bytes(wat2wasm('(module (func (export "other")))'))
ROOT = Path(__file__).parents[1]
IS_ROOT = os.getuid() == 0


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The two directories that code can be kept in, empty."""
    beside, caches = tmp_path / "package/__pycache__", tmp_path / "caches"
    beside.mkdir(parents=True, mode=0o755)
    caches.mkdir()
    monkeypatch.setattr(machine_code, "_BESIDE", beside)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    return beside, caches / "grantlint"


def load(wasm=RIGHT):
    """The name of what is in the module that comes back."""
    found = machine_code.module(Engine(), wasm)
    return found.exports[0].name


def kept(directory):
    return sorted(directory.glob("*")) if directory.exists() else []


def plant(place, wasm=OTHER):
    """Put the code of another module where the right one's is kept."""
    code = bytes(Module(Engine(), wasm).serialize())
    place.write_bytes(sha256(code).digest() + code)


# -- what is kept --------------------------------------------------------------------------


def test_the_second_start_loads_what_the_first_has_kept(places):
    beside, own = places
    assert load() == "right"
    (file,) = kept(beside)
    plant(file)
    assert load() == "other"
    assert not own.exists()


def test_another_module_has_a_place_of_its_own(places):
    beside, _ = places
    assert [load(RIGHT), load(OTHER), load(RIGHT)] == ["right", "other", "right"]
    assert len(kept(beside)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda code: code[:20],
        lambda code: code[:-1],
        lambda code: code + b"\0",
        lambda code: code[:1000] + bytes([code[1000] ^ 1]) + code[1001:],
        lambda code: bytes([code[0] ^ 1]) + code[1:],
        lambda _: sha256(b"no code").digest() + b"no code",
    ],
    ids="empty digest-only cut longer changed other-digest no-code".split(),
)
def test_a_damaged_file_is_not_loaded_but_replaced(places, damage):
    beside, _ = places
    load()
    (file,) = kept(beside)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert load() == "right"
    assert file.read_bytes() == whole


def test_code_for_another_engine_is_not_loaded(places):
    beside, _ = places
    load()
    (file,) = kept(beside)
    config = Config()
    config.epoch_interruption = True
    code = bytes(Module(Engine(config), OTHER).serialize())
    file.write_bytes(sha256(code).digest() + code)
    assert load() == "right"


# -- where it is kept ----------------------------------------------------------------------


def test_without_a_directory_beside_the_package_it_is_kept_for_the_user(places):
    beside, own = places
    beside.rmdir()
    assert load() == "right"
    (file,) = kept(own)
    assert own.stat().st_mode & 0o777 == 0o700
    plant(file)
    assert load() == "other"


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_where_the_package_is_read_only_it_is_kept_for_the_user(places):
    beside, own = places
    beside.chmod(0o555)
    assert load() == "right"
    assert not kept(beside)
    assert len(kept(own)) == 1


def test_where_python_writes_no_bytecode_nothing_is_kept_beside_the_package(places, monkeypatch):
    beside, own = places
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert load() == "right"
    assert not kept(beside)
    assert len(kept(own)) == 1


def test_without_any_directory_it_is_compiled_each_time(places, monkeypatch):
    beside, own = places
    beside.rmdir()
    own.write_text("in the way")
    assert load() == "right"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/dev/null")
    assert load() == "right"


def writable(directory, *_):
    directory.chmod(0o777)


def group(directory, *_):
    directory.chmod(0o770)


def link(directory, elsewhere, _):
    directory.rename(elsewhere)
    directory.symlink_to(elsewhere)


def foreign(directory, _, monkeypatch):
    if IS_ROOT:
        os.chown(directory, 12345, 12345)
    else:
        monkeypatch.setattr(os, "getuid", lambda: 12345)


@pytest.mark.parametrize("which", [0, 1], ids=["beside", "own"])
@pytest.mark.parametrize("spoil", [writable, group, link, foreign])
def test_a_directory_that_others_can_write_to_is_not_used(
    places, tmp_path, monkeypatch, which, spoil
):
    if which == 1:
        places[0].rmdir()
    load()
    directory = places[which]
    (file,) = kept(directory)
    plant(file)
    spoil(directory, tmp_path / "elsewhere", monkeypatch)
    before = file.read_bytes()
    assert load() == "right"
    assert file.read_bytes() == before
    assert kept(directory) == [file]


def test_what_root_has_kept_beside_the_package_is_loaded_by_every_user(places, monkeypatch):
    if not IS_ROOT:
        pytest.skip("only root can own what root has kept")
    beside, _ = places
    load()
    (file,) = kept(beside)
    assert file.stat().st_mode & 0o777 == 0o644
    plant(file)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert load() == "other"


# -- several at once -----------------------------------------------------------------------


def test_processes_that_start_at_once_all_judge_and_leave_one_file(tmp_path):
    command = [sys.executable, "-m", "grantlint", "check", "fixtures/terraform/example"]
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    reports = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [1, 1, 1, 1]
    assert len(reports) == 1
    assert [file.suffix for file in kept(tmp_path / "grantlint")] == [".cwasm"]
