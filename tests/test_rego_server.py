"""Rules run by a real OPA server: nothing is left on it, and its errors say what to do."""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opa_program import on_path, server
from rego_policies import on_server, write

from grantlint.rego.engine import CHUNK, RuleError
from grantlint.rego.opa import OpaError
from grantlint.rego.sources import Module, moved

TOKEN = "a-token-that-nobody-may-see"  # noqa: S105  # of servers that live for a test
QUIET = 'deny contains {"at": [], "message": input.who} if input.who'
CONFLICT = """
one := 1 if input.who == "conflict"

one := 2 if input.who == "conflict"

deny contains {"at": [], "message": "never"} if one
"""
ENDLESS = """
deny contains 1 if {
    input.who == "endless"
    some a in numbers.range(1, 10000)
    some b in numbers.range(1, 10000)
    some c in numbers.range(1, 10000)
    a + b + c == 1
}
"""


@pytest.fixture(scope="module", autouse=True)
def opa():
    with on_path() as found:
        yield found


@pytest.fixture(scope="module")
def url():
    with server() as found:
        yield found


def told(who):
    return {"deny": {"quiet": [{"at": [], "message": who}]}, "warn": {}}


def ask(url, path, method="GET", text=""):
    """What a server answers to a request of our own."""
    request = urllib.request.Request(f"{url}/v1/{path}", text.encode() or None, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return json.load(answer)


def on_the_server(url):
    """The files and the documents that a server has."""
    return [ask(url, path)["result"] for path in ("policies", "data")]


# -- verdicts ------------------------------------------------------------------------------


def test_more_objects_than_a_chunk_are_judged_in_their_order(url, tmp_path):
    names = [f"{number}" for number in range(2 * CHUNK + 1)]
    found = on_server(url, write(tmp_path, quiet=QUIET)).evaluate([{"who": name} for name in names])
    assert found == [told(name) for name in names]


def test_a_file_name_that_is_not_utf_8_is_judged(url, tmp_path):
    rules = on_server(url, write(tmp_path, quiet=QUIET))
    assert rules.evaluate([{"who": "caf\udce9"}]) == [told("caf�")]


def test_a_server_judges_twice(url, tmp_path):
    rules = on_server(url, write(tmp_path, quiet=QUIET))
    assert [rules.evaluate([{"who": who}]) for who in "ab"] == [[told("a")], [told("b")]]


def test_files_with_odd_names_are_rules_too(url, tmp_path):
    policies = write(tmp_path, quiet=QUIET)
    (policies / "quiet.rego").rename(policies / "a b#c?d%e é.rego")
    assert on_server(url, policies).evaluate([{"who": "a"}]) == [told("a")]


def test_functions_are_found_whatever_the_order_of_the_files(url, tmp_path):
    policies = write(
        tmp_path,
        a="import data.grantlint.z\n\ndeny contains z.hit(input.who) if input.who",
        z='import data.grantlint.m\n\nhit(who) := {"at": [], "message": m.text(who)}',
        m="text(who) := upper(who)",
    )
    found = on_server(url, policies).evaluate([{"who": "x"}])
    assert found[0]["deny"] == {"a": [{"at": [], "message": "X"}]}


# -- nothing is left -----------------------------------------------------------------------


def test_nothing_is_left_on_the_server(url, tmp_path):
    before = on_the_server(url)
    on_server(url, write(tmp_path, quiet=QUIET)).evaluate([{"who": "a"}])
    assert on_the_server(url) == before == [[], {}]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (CONFLICT, RuleError),
        ("deny contains 1 if inputs.who", OpaError),
        ("deny contains 1 if lib.nothing(input)", OpaError),
        ("deny contains data[input.who].x if true", OpaError),
    ],
)
def test_nothing_is_left_when_something_goes_wrong(url, tmp_path, body, error):
    with pytest.raises(error):
        on_server(url, write(tmp_path, it=body, quiet=QUIET)).evaluate([{"who": "conflict"}])
    assert on_the_server(url) == [[], {}]


def test_what_others_have_on_the_server_stays(url, tmp_path):
    text = 'package grantlint.quiet\n\ndeny contains {"at": [], "message": "not ours"} if true\n'
    ask(url, "policies/theirs", "PUT", text)
    try:
        before = on_the_server(url)
        found = on_server(url, write(tmp_path, quiet=QUIET)).evaluate([{"who": "a"}])
        assert found == [told("a")]
        assert on_the_server(url) == before
    finally:
        ask(url, "policies/theirs", "DELETE")


def test_runs_at_once_do_not_meet(url, tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    second = on_server(url, write(tmp_path / "second", quiet=QUIET))

    class Interrupted(list):
        """Objects of a run in whose midst, when its rules are installed, another one runs."""

        def __getitem__(self, index):
            assert len(on_the_server(url)[0]) == 2
            assert second.evaluate([{"who": "b"}]) == [told("b")]
            return super().__getitem__(index)

    loud = 'deny contains {"at": [], "message": "loud"} if input.who'
    first = on_server(url, write(tmp_path / "first", loud=loud))
    found = first.evaluate(Interrupted([{"who": "a"}]))
    assert found == [{"deny": {"loud": [{"at": [], "message": "loud"}]}, "warn": {}}]
    assert on_the_server(url) == [[], {}]


def test_what_cannot_be_removed_is_told(tmp_path):
    policy = tmp_path / "authz.rego"
    policy.write_text('package system.authz\n\nallow if input.method != "DELETE"\n')
    with server("--authorization=basic", policy) as url:
        rules = on_server(url, write(tmp_path, quiet=QUIET))
        with pytest.raises(OpaError, match=r"; the rules in data\.grantlint_\w+ are still there$"):
            rules.evaluate([{"who": "a"}])


# -- rules that fail -----------------------------------------------------------------------


def test_a_rule_that_contradicts_itself_is_named_with_its_places(url, tmp_path):
    policies = write(tmp_path, quiet=QUIET, conflict=CONFLICT)
    with pytest.raises(RuleError) as error:
        on_server(url, policies).evaluate([{"who": "a"}, {"who": "conflict"}])
    file = policies / "conflict.rego"
    assert error.value.name == "conflict"
    assert f"1 at {file}:10, 2 at {file}:12" in str(error.value)
    assert "rule data.grantlint.conflict.one produced" in str(error.value)


def test_an_endless_rule_is_given_up_and_named(url, tmp_path):
    rules = on_server(url, write(tmp_path, quiet=QUIET, endless=ENDLESS), seconds=1)
    began = time.monotonic()
    with pytest.raises(RuleError, match=r"^rule endless: .*no answer within 1 s$"):
        rules.evaluate([{"who": "endless"}])
    assert time.monotonic() - began < 15
    assert on_the_server(url) == [[], {}]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("deny contains {", "it.rego:10: unexpected eof token"),
        ("deny contains 1 if inputs.who", "it.rego:9: var inputs is unsafe"),
        ("deny contains 1 if lib.nothing(input)", "it.rego:9: undefined function lib.nothing"),
        (
            "deny contains 1 if data.grantlint.lib.nothing(input)",
            "it.rego:9: undefined function data.grantlint.lib.nothing",
        ),
        ("deny[1] { input.who }", "it.rego:9: `if` keyword is required before rule body"),
    ],
)
def test_a_broken_rule_is_told_with_file_and_line(url, body, text, tmp_path):
    policies = write(tmp_path, it=body)
    with pytest.raises(OpaError) as error:
        on_server(url, policies).evaluate([{}])
    assert f"{policies}/{text}" in str(error.value)


# -- moving --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("package grantlint.x", "package P.x"),
        ("package grantlint", "package P"),
        ("package  grantlint_main", "package  P_main"),
        ("import data.grantlint.lib", "import data.P.lib"),
        ("import data.grantlint.lib as l", "import data.P.lib as l"),
        ("import data.grantlint", "import data.P as grantlint"),
        ("import data.grantlint # all", "import data.P as grantlint # all"),
        ("import data.grantlint as g", "import data.P as g"),
        ("x := data.grantlint.a.deny", "x := data.P.a.deny"),
        ('x := data["grantlint"].a', 'x := data["P"].a'),
        ("x := [data.grantlint[name]]", "x := [data.P[name]]"),
        ("x := data.grantlint_main.verdict", "x := data.P_main.verdict"),
        ("x := data.grantlint2", "x := data.grantlint2"),
        ("x := input.data.grantlint.a", "x := input.data.grantlint.a"),
        ("x := mydata.grantlint.a", "x := mydata.grantlint.a"),
        ("x := grantlint.a", "x := grantlint.a"),
        ("# data.grantlint.a", "# data.grantlint.a"),
        ('x := "data.grantlint.a"', 'x := "data.grantlint.a"'),
        (r'x := "\"data.grantlint.a"', r'x := "\"data.grantlint.a"'),
        ("x := `\ndata.grantlint.a`", "x := `\ndata.grantlint.a`"),
        ('x := "# `" == data.grantlint.a', 'x := "# `" == data.P.a'),
        ('x := `"` == data.grantlint.a', 'x := `"` == data.P.a'),
        ("# it's \"\ny := data.grantlint.a", "# it's \"\ny := data.P.a"),
    ],
)
def test_references_to_rules_are_moved_and_nothing_else(text, expected):
    assert moved(Module("a.rego", text), "P") == Module("a.rego", expected)


@pytest.mark.parametrize(
    "reference",
    ["data[input.who].x", '$"{data.grantlint.x.y}"'],
)
def test_what_cannot_be_moved_is_refused(url, tmp_path, reference):
    policies = write(tmp_path, it=f"deny contains {reference} if true")
    with pytest.raises(OpaError, match=rf"{policies}/it\.rego: a reference to `data` as a whole"):
        on_server(url, policies).evaluate([{"who": "a"}])


def test_data_of_the_server_can_be_asked(url, tmp_path):
    body = 'deny contains {"at": [], "message": "known"} if not data.friends[input.who]'
    assert on_server(url, write(tmp_path, it=body)).evaluate([{"who": "a"}])[0]["deny"]["it"]


# -- errors --------------------------------------------------------------------------------


def complaint(url, tmp_path, **options):
    with pytest.raises(OpaError) as error:
        on_server(url, write(tmp_path, quiet=QUIET), **options).evaluate([{"who": "a"}])
    assert TOKEN not in "".join(traceback.format_exception(error.value))
    return str(error.value)


@contextmanager
def something_else(answer, code=200, kind="text/html"):
    """The URL of a server that is no OPA and answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, *_):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


@pytest.fixture
def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_a_refused_connection_is_told_with_the_url(tmp_path, closed_port):
    url = f"http://127.0.0.1:{closed_port}"
    assert complaint(url, tmp_path, token=TOKEN) == (
        f"OPA server {url}: it cannot be reached (Connection refused): is it running, "
        "is the URL right?"
    )


def test_a_host_that_does_not_exist_is_told(tmp_path):
    said = complaint("http://no-such-host.invalid", tmp_path)
    assert said.startswith("OPA server http://no-such-host.invalid:80: it cannot be reached (")


def test_a_server_that_does_not_answer_is_given_up(tmp_path):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        began = time.monotonic()
        said = complaint(url, tmp_path, seconds=0.5, token=TOKEN)
    assert said == f"OPA server {url}: no answer within 0.5 s"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("answer", "code", "kind"),
    [
        (b"<html>not found</html>", 404, "text/html"),
        (b"<html>hello</html>", 200, "text/html"),
        (b"", 200, "text/html"),
        (b"[]", 200, "application/json"),
        (b"[]", 404, "application/json"),
        (b"{}", 200, "application/json"),
        (b'{"detail": "Not Found"}', 404, "application/json"),
        (b'{"result": {"ast": {}}}', 200, "application/json"),
        (b'{"result": {}}', 500, "application/json"),
        (b"null", 200, "application/json"),
    ],
)
def test_a_server_that_is_no_opa_is_told(tmp_path, answer, code, kind):
    with something_else(answer, code, kind) as url:
        said = complaint(url, tmp_path, token=TOKEN)
    assert said.startswith(f"OPA server {url}: it ")
    assert "\n" not in said


def test_plain_text_for_a_secure_connection_is_told(url, tmp_path):
    said = complaint(url.replace("http:", "https:"), tmp_path)
    assert said.startswith(f"OPA server {url.replace('http:', 'https:')}: no secure connection")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that wants a token."""
    policy = tmp_path_factory.mktemp("authorization") / "authz.rego"
    policy.write_text(
        f'package system.authz\n\ndefault allow := false\n\nallow if input.identity == "{TOKEN}"\n'
        'allow if input.path == ["health"]\n'
    )
    options = ["--authentication=token", "--authorization=basic", policy]
    with server(*options) as found:
        yield found


def test_a_server_with_the_right_token_judges(guarded, tmp_path):
    rules = on_server(guarded, write(tmp_path, quiet=QUIET), token=TOKEN)
    assert rules.evaluate([{"who": "a"}]) == [told("a")]


@pytest.mark.parametrize("token", [None, "wrong"])
def test_another_token_is_told(guarded, tmp_path, token):
    assert complaint(guarded, tmp_path, token=token) == (
        f"OPA server {guarded}: it wants another token, or lets nobody put rules on it"
    )


@pytest.mark.parametrize("end", ["\n", " x", "é", "\r\nX: y"])
def test_a_token_that_is_none_is_refused_without_being_shown(url, tmp_path, end):
    assert "the token has characters" in complaint(url, tmp_path, token=TOKEN + end)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("localhost:8181", "begins with http:// or https:// and a host"),
        ("unix:///run/opa.sock", "begins with http:// or https:// and a host"),
        ("http://", "begins with http:// or https:// and a host"),
        ("", "begins with http:// or https:// and a host"),
        ("http://localhost:8181/opa", "ends with the port, nothing can come behind it"),
        ("http://localhost:8181/?a=b", "ends with the port, nothing can come behind it"),
        ("http://localhost:port", "the URL of the OPA server is not valid"),
        ("http://[::1", "the URL of the OPA server is not valid"),
        (f"http://user:{TOKEN}@localhost", "has a user in it: give a token instead"),
    ],
)
def test_a_url_that_cannot_be_used_is_told(tmp_path, url, text):
    assert text in complaint(url, tmp_path)


def test_a_server_at_an_address_of_ipv6_is_reached(tmp_path, closed_port):
    said = complaint(f"http://[::1]:{closed_port}", tmp_path)
    assert said.startswith(f"OPA server http://[::1]:{closed_port}: it cannot be reached (")
