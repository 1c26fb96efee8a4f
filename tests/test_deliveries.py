"""The table of what AWS documents without a source condition."""

import pytest

from grantlint.iam.actions import ACTIONS
from grantlint.iam.deliveries import DELIVERIES, documented
from grantlint.value import STRING, Truth, string, unknown


@pytest.mark.parametrize("row", DELIVERIES, ids=lambda row: f"{row.service}-{len(row.actions)}")
def test_a_row_can_be_found_and_names_its_page(row):
    service = string(f"{row.service}.amazonaws.com")
    assert documented(service, row.actions, restricted=Truth.of(row.restricted)) is row
    assert row.actions
    assert row.actions <= ACTIONS
    assert row.page.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sns.amazonaws.com", "sns"),
        ("SNS.eu-west-1.amazonaws.com", "sns"),
        ("sns.cn-north-1.amazonaws.com.cn", "sns"),
        ("sns.us-gov-west-1.amazonaws.com", "sns"),
        ("eu-central-1.devops-guru.amazonaws.com", "devops-guru"),
        ("events.rds.amazonaws.com", "events.rds"),
        ("delivery.logs.amazonaws.com", "delivery.logs"),
        ("logs.eu-west-1.amazonaws.com", "logs"),
        ("sqs.amazonaws.com", None),
        ("sns", "sns"),
        ("amazonaws.com", None),
    ],
)
def test_a_service_is_known_by_its_regional_names(name, expected):
    found = documented(string(name), ["Decrypt"], restricted=Truth.NO)
    assert (found.service if found else None) == expected


def test_a_hole_in_the_place_of_the_region_does_not_hide_the_service():
    parts = ("sns.", unknown("var.region has no value", type=STRING), ".amazonaws.com")
    service = unknown("var.region has no value", type=STRING, parts=parts)
    found = documented(service, ["Decrypt"], restricted=Truth.NO)
    assert found is not None
    assert found.service == "sns"


def test_more_than_is_documented_is_not_documented():
    assert documented(string("sns.amazonaws.com"), ["CreateGrant"], restricted=Truth.YES) is None
