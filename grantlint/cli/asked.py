"""What all commands that judge have in common: their options, and what these come to."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from grantlint.cli import configured, inputs, options, suppressions, users
from grantlint.config import Selection

if TYPE_CHECKING:
    from grantlint.check import Terms
    from grantlint.config import Gate
    from grantlint.config.configuration import Configuration
    from grantlint.config.configurations import Configurations
    from grantlint.parsers.settings import Options


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read, by what it is judged, and what makes the run fail.

    `run` is the configuration that goes for the run as a whole, `configurations` all there are.
    `elsewhere` says that what is read may have nothing to do with AWS KMS.
    """

    paths: tuple[str, ...]
    options: "Options"
    terms: "Terms"
    gate: "Gate"
    run: "Configuration"
    configurations: "Configurations"
    elsewhere: bool

    @property
    def read(self) -> tuple[str, ...]:
        """All paths, those of `--input` too."""
        return (*self.paths, *(one.path for one in self.options.inputs))


def _asked(
    paths: options.Paths = None,
    changed: Annotated[
        bool,
        typer.Option(
            "--changed",
            help="PATHS are files that changed: judge all that they reach, whole.",
        ),
    ] = False,
    select: options.Select = None,
    extend_select: options.ExtendSelect = None,
    ignore: options.Ignore = None,
    fail_on: options.FailOn = None,
    certainty: options.Certainty = None,
    config: configured.Config = None,
    isolated: configured.Isolated = False,
    profile: configured.Profile = None,
    no_ignores: suppressions.NoIgnores = False,
    mandatory: suppressions.Mandatory = None,
    today: suppressions.Today = None,
    var: options.Variables = None,
    var_file: options.VariableFiles = None,
    workspace: options.Workspace = None,
    account: options.Account = None,
    trusted_account: options.TrustedAccounts = None,
    trusted_organization: options.TrustedOrganizations = None,
    region: options.Region = None,
    partition: options.Partition = None,
    parameter: inputs.Parameters = None,
    parameter_file: inputs.ParameterFiles = None,
    source: inputs.Sources = None,
    input: inputs.Inputs = None,
    stdin_format: inputs.StdinFormat = None,
    policies: users.Policies = None,
    policies_timeout: users.Timeout = 60,
    opa_url: users.Url = None,
    opa_loaded: users.Loaded = False,
    opa_token_file: users.TokenFile = None,
    opa_ca_file: users.Authorities = None,
    opa_cert_file: users.Certificate = None,
    opa_key_file: users.Key = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Exit with 0 where there is nothing to read.")
    ] = False,
) -> Asked:
    from grantlint.check import Terms
    from grantlint.config.configurations import gate

    server = users.Server(
        opa_url, opa_loaded, opa_token_file, opa_ca_file, opa_cert_file, opa_key_file
    )
    own = users.policies(policies, policies_timeout, server)
    given = options.terraform_options(var, var_file, workspace, account, region, partition)
    given = options.with_trust(given, trusted_account, trusted_organization)
    given = options.with_templates(given, parameter, parameter_file, source)
    implied = () if select else options.asked_by(given)
    selection = Selection(
        options.ids("--select", select),
        (*options.ids("--extend-select", extend_select), *implied),
        options.ids("--ignore", ignore),
    )
    accepting = suppressions.accepting(no_ignores, options.ids("--mandatory", mandatory), today)
    read, named = inputs.given(paths, input, stdin_format)
    said = configured.configurations(config, profile, isolated=isolated, others=own is not None)
    run = said.of_run(read, changed=changed)
    own = configured.with_policies(own, run, policies_timeout)
    elsewhere = changed and bool(paths)  # what changed may have nothing to do with Terraform
    counting = gate(run, fail_on, certainty, allow_empty=allow_empty or elsewhere)
    given = replace(given, changed=changed, inputs=named)
    terms = Terms(selection, own, configurations=said, accepting=accepting)
    return Asked(read, given, terms, counting, run, said, elsewhere)


_SHARED: Final = tuple(inspect.signature(_asked).parameters.values())


def judging(act: Callable[..., None], *, without: tuple[str, ...] = ()) -> Callable[..., None]:
    """A command with the shared options, but for those `without`, and those of its own.

    What the shared ones come to is its first parameter.
    """
    own = tuple(inspect.signature(act).parameters.values())[1:]
    names = [one.name for one in own]

    def command(**given: object) -> None:
        mine = {name: given.pop(name) for name in names}
        act(_asked(**given), **mine)  # type: ignore[arg-type]  # they are the very same

    taken = [one for one in (*_SHARED, *own) if one.name not in without]
    command.__doc__ = act.__doc__
    command.__annotations__ = {one.name: one.annotation for one in taken}
    signature = inspect.Signature(taken)  # typer asks for it by this name
    setattr(command, "__signature__", signature)  # noqa: B010
    return command
