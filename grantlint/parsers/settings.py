"""What the user says of a run: where it is applied, and what variables and parameters are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grantlint.parsers.instance import Provider
from grantlint.value import STRING, Value, string, unknown


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user says of a run: the account and the like, where the text does not say.

    `trusted_accounts` and `trusted_organizations` (`o-…`) are those whose access is no stranger's.
    """

    account: str | None = None
    region: str | None = None
    partition: str | None = None
    workspace: str | None = None
    trusted_accounts: frozenset[str] = frozenset()
    trusted_organizations: frozenset[str] = frozenset()

    def over(self, other: Settings) -> Settings:
        """These, and what they leave open from others; whom either trusts is trusted."""
        return Settings(
            self.account or other.account,
            self.region or other.region,
            self.partition or other.partition,
            self.workspace or other.workspace,
            self.trusted_accounts | other.trusted_accounts,
            self.trusted_organizations | other.trusted_organizations,
        )


Local = Callable[[Path], Settings]
"""What goes for a directory."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file or directory whose format the user says (one of sniff.FORMATS).

    `data` is its text where it is no file: what standard input held.
    """

    format: str
    path: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the user gives a run. `environment` holds the TF_VAR_ and TF_WORKSPACE variables.

    `parameters` and `parameter_files` are of CloudFormation templates. `sources` is the directory
    of the configuration that a plan was made of. `inputs` are judged besides the paths. `changed`
    says that the paths are files that changed: all that they reach is judged (terraform/changes).
    `local` is what a configuration file says for a directory.
    """

    variables: tuple[tuple[str, str], ...] = ()
    variable_files: tuple[str, ...] = ()
    workspace: str | None = None
    account: str | None = None
    region: str | None = None
    partition: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    changed: bool = False
    parameters: tuple[tuple[str, str], ...] = ()
    parameter_files: tuple[str, ...] = ()
    sources: str | None = None
    inputs: tuple[Input, ...] = ()
    trusted_accounts: frozenset[str] = frozenset()
    trusted_organizations: frozenset[str] = frozenset()
    local: Local | None = None

    def settings_in(self, directory: Path) -> Settings:
        """What goes for a directory: that of a root module, a template, a plan or an answer.

        What is said of the run comes before what a configuration file says for the directory.
        """
        said = Settings(
            self.account,
            self.region,
            self.partition,
            self.workspace or self.environment.get("TF_WORKSPACE"),
            self.trusted_accounts,
            self.trusted_organizations,
        )
        return said if self.local is None else said.over(self.local(directory))


def given(settings: Settings) -> Provider:
    """Account, region and partition as far as the user has said them."""
    region = setting(settings.region, "region", "--region")
    return Provider(
        setting(settings.account, "account", "--account"), region, partition(settings, region)
    )


def setting(given: str | None, what: str, option: str) -> Value:
    """What an option says, else an unknown that names the option."""
    if given is not None:
        return string(given)
    return unknown(f"the {what} is not given ({option})", type=STRING)


def partition(settings: Settings, region: Value) -> Value:
    """The partition of a region, where the user does not say another."""
    if settings.partition is None and region.text is not None:
        for prefix, partition in _PARTITIONS.items():
            if region.text.startswith(prefix):
                return string(partition)
        return string("aws")
    return setting(settings.partition, "partition", "--partition")


_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}
"""https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""

DNS_SUFFIXES: Final = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}
"""https://github.com/aws/aws-sdk-go-v2/blob/main/internal/endpoints/awsrulesfn/partitions.json"""
