"""Help that can be read: the options of a command below headings, by what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typer.core import TyperCommand

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

HEADINGS: Final = {
    "What is read": ("changed", "input", "stdin_format", "source", "allow_empty"),
    "Values": (
        *("var", "var_file", "workspace", "parameter", "parameter_file"),
        *("account", "region", "partition", "trusted_account", "trusted_organization"),
    ),
    "Rules": ("select", "extend_select", "ignore"),
    "Rules of your own": (
        *("policies", "policies_timeout", "opa_url", "opa_loaded"),
        *("opa_token_file", "opa_ca_file", "opa_cert_file", "opa_key_file"),
    ),
    "Configuration": ("config", "isolated", "profile"),
    "What counts": ("fail_on", "certainty", "baseline", "diff_against"),
    "Suppressions": ("add_ignore", "until", "no_ignores", "mandatory", "today"),
    "Fixes": ("show", "fix", "unsafe_fixes"),
    "Output": ("output", "color", "quiet", "verbose", "schema"),
}
"""The parameters below each heading; all others are below the last, `Options`."""
_FEW: Final = 16
"""So many options need no headings."""


class Headed(TyperCommand):
    """A command whose help has headings where there are many options."""

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the arguments, then the options below their headings."""
        params = self.get_params(ctx)
        if len(params) <= _FEW:
            super().format_options(ctx, formatter)
            return
        of = {name: heading for heading, names in HEADINGS.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        rows |= {heading: [] for heading in HEADINGS} | {"Options": []}
        order = [name for names in HEADINGS.values() for name in names]
        placed = {name: number for number, name in enumerate(order)}
        for param in sorted(params, key=lambda one: placed.get(one.name or "", len(placed))):
            row = param.get_help_record(ctx)
            if row is not None:
                argument = param.param_type_name == "argument"
                heading = "Arguments" if argument else of.get(param.name or "", "Options")
                rows[heading].append(row)
        for heading, lines in rows.items():
            if lines:
                with formatter.section(heading):
                    formatter.write_dl(lines)
