"""What stacks of one assembly hand to stacks in other regions.

Exports of CloudFormation end at the region. With `crossRegionReferences` the CDK writes values to
parameters of the other region by a custom resource of the producer, and reads them there by one of
the consumer: `Fn::GetAtt` of that one with the parameter's name is the value.
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib-readme.html#accessing-resources-in-a-different-stack-and-region
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from grantlint.value import Value

WRITER: Final = "Custom::CrossRegionExportWriter"
READER: Final = "Custom::CrossRegionExportReader"


def exports(resources: Iterable[tuple[str, str, Value]]) -> Mapping[str, Value]:
    """The values by the names of their parameters (`/cdk/exports/Consumer/…`).

    `resources` are those of all stacks of an assembly: logical id, type, evaluated properties. A
    name that two of them write with different values is left out.
    """
    found: dict[str, Value] = {}
    contested: set[str] = set()
    for _, type, properties in resources:
        if type != WRITER:
            continue
        written = properties.get("WriterProps")
        named = written.get("exports") if written is not None else None
        for name, value in named.items() if named is not None else ():
            earlier = found.setdefault(name, value)
            if (earlier.type, earlier.raw) != (value.type, value.raw):
                contested.add(name)
    return {name: value for name, value in found.items() if name not in contested}
