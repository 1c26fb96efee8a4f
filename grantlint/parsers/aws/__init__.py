"""What AWS KMS itself says is there: the answers of its calls, saved to files, as an inventory.

All files of a run are one estate: a grant finds its key by the ARN, in whatever file that is
described. Keys that only grants name are outside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from grantlint.parsers.aws.answers import groups
from grantlint.parsers.aws.belonging import File
from grantlint.parsers.aws.document import documents
from grantlint.parsers.aws.estate import Estate
from grantlint.parsers.aws.recognition import sniff
from grantlint.parsers.kms import inventory
from grantlint.parsers.reading import Reading
from grantlint.parsers.settings import Options
from grantlint.source import Problem, Source

__all__ = ["read", "sniff"]


def read(sources: Sequence[Source], options: Options) -> Reading:
    """The keys and grants in files with answers of AWS KMS."""
    files, problems = list[File](), list[Problem]()
    for source in sources:
        values, wrong = documents(source)
        files.append(File(source.path, groups(values)))
        problems += wrong
    estate = Estate(files, options.settings_in)
    resources = estate.resources()
    found = inventory(resources, estate.notes.sorted())
    problems += estate.problems()
    return Reading(found, tuple(problems), len(files), verbose=tuple(map(estate.counted, files)))
