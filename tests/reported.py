"""Reports to render: findings at places of small files, and files that mean harm."""

from datetime import date

from grantlint.finding import Acceptance, Finding, Report, Suppressed, Suppression
from grantlint.fix import Applicability, Change, Edit, Fix
from grantlint.model import Note
from grantlint.place import Place
from grantlint.rule import Severity
from grantlint.rules import all_rules
from grantlint.source import Source, Span


def span(text, meant, path="main.tf"):
    """The place of a piece of text in a file that holds `text`."""
    data = text.encode()
    start = data.index(meant.encode())
    return Span(Source(path, data), start, start + len(meant.encode()))


def finding(place=None, message="a message", severity=Severity.HIGH, **fields):
    place = place or span("a = b\n", "b")
    rule = fields.pop("rule", "public-key-policy")
    return Finding(rule, severity, message, place.path, place, **fields)


def report(*findings, suppressed=(), notes=(), files=1):
    return Report(findings, tuple(suppressed), tuple(notes), all_rules(), files, 2, 1)


def accepted(kind, message="an accepted one", **fields):
    return Suppressed(finding(message=message), Suppression(kind, **fields))


def everything_accepted():
    """A finding that is accepted by each of the ways there are."""
    comment = span("# grantlint: ignore[public-key-policy]\n", "#", "modules/m/main.tf")
    return (
        accepted(
            Acceptance.COMMENT,
            reason="agreed with the auditors",
            until=date(2027, 3, 31),
            span=comment,
            who="module",
        ),
        accepted(Acceptance.CONFIGURATION, reason="a test account"),
        accepted(Acceptance.BASELINE),
        accepted(Acceptance.BASELINE),
        accepted(Acceptance.UNCHANGED, reason="in main"),
    )


def many(count, severity=Severity.HIGH, length=10):
    """So many findings that are not alike, each in a file of its own."""
    message = "m" * length
    return [
        finding(span("a = b\n", "b", f"{severity.label}/{n}.tf"), f"{message} {n}", severity)
        for n in range(count)
    ]


HOSTILE = (
    "<script>document.title='owned'</script></style></pre></code></details>"
    "<img src=http://127.0.0.1:9/x onerror=alert(1)> <b>bold</b> &lt;i&gt; <!-- "
    "![x](http://127.0.0.1:9/y) [l](javascript:alert(1)) **strong** _em_ ~~no~~ | a | b | "
    "@someone @org/team #123 GH-12 owner/name#7 !45 %12 www.example.com https://example.com "
    "```\n``` ` `` \n# heading\n- list\n1. one\n> quote\n---\n\n    code\n"
    ":tada: $x$ {{ 7 * 7 }} {% if %} \" ' \\ \u202eright\u2066to\u200fleft "
    "::error file=x::y\n::stop-commands::z\n##[error]w \x1b[31mred\x1b]8;;http://x\x07 \x00"
)


def hostile():
    """A report in which everything that comes from a file means harm."""
    source = Source(f"{HOSTILE}.tf", f"{HOSTILE}\n{HOSTILE}\nvalue\n".encode())
    place = Span(source, 0, len(source.data))
    value = Span(source, source.data.index(b"value"), source.data.index(b"value") + 5)
    fix = Fix(HOSTILE, Applicability.SAFE, Change((), "set"), (), (Edit(value, HOSTILE),))
    one = finding(
        place,
        HOSTILE,
        address=f'aws_kms_key.k["{HOSTILE}"]',
        construct=HOSTILE,
        related=(Place(value, HOSTILE, HOSTILE),),
        fix=fix,
    )
    other = finding(place, f"{HOSTILE} again", address=HOSTILE, related=one.related)
    unreadable = Finding("unreadable-file", None, HOSTILE, f"{HOSTILE}.json")
    suppressed = Suppressed(
        one, Suppression(Acceptance.COMMENT, HOSTILE, date(2027, 3, 31), place, HOSTILE)
    )
    return report(
        one, other, unreadable, suppressed=(suppressed,), notes=(Note(HOSTILE, 2, value),)
    )
