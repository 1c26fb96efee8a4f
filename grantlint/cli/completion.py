"""`grantlint completion`: the script by which a shell completes our command lines; the answers.

A script asks the program itself: the words up to the cursor are its arguments, and the variable
`_GRANTLINT_COMPLETE` has the shell's name, with `+` behind it where a new word begins. The answer
is a line for each word that the last one can become: the word, a tab, what it is. Without an
answer the shell completes names of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from grantlint.cli.output import write

if TYPE_CHECKING:
    from collections.abc import Iterator

EPILOG = """\
Examples:

\b
  eval "$(grantlint completion bash)"
  grantlint completion zsh > ~/.zfunc/_grantlint
  grantlint completion fish > ~/.config/fish/completions/grantlint.fish
  grantlint completion powershell >> $PROFILE
"""

_BASH: Final = """\
_grantlint() {
    local word rest
    COMPREPLY=()
    while IFS=$'\\t' read -r word rest; do
        COMPREPLY+=("$word")
    done < <(_GRANTLINT_COMPLETE=bash "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case ${COMPREPLY-} in *[=:]) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F _grantlint grantlint
"""

_ZSH: Final = """\
#compdef grantlint
_grantlint() {
    local line
    local -a found
    for line in "${(@f)$(_GRANTLINT_COMPLETE=zsh "${words[1]}" "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -n $line ]] && found+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
    done
    if (( $#found )); then
        _describe -V grantlint found
    else
        _files
    fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _grantlint "$@"
else
    compdef _grantlint grantlint
fi
"""  # noqa: E501

_FISH: Final = """\
function __grantlint_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found (env _GRANTLINT_COMPLETE=fish $words[1] $words[2..-1] "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete --command grantlint --no-files --keep-order --arguments '(__grantlint_complete)'
"""

_POWERSHELL: Final = """\
Register-ArgumentCompleter -Native -CommandName grantlint -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { "$_" })
    $env:_GRANTLINT_COMPLETE = if ($wordToComplete) { 'powershell' } else { 'powershell+' }
    try {
        & grantlint @words 2>$null | ForEach-Object {
            $word, $what = $_ -split "`t", 2
            if (-not $what) { $what = $word }
            New-Object System.Management.Automation.CompletionResult $word, $word, 'ParameterValue', $what
        }
    } finally {
        Remove-Item Env:_GRANTLINT_COMPLETE
    }
}
"""  # noqa: E501


class Shell(StrEnum):
    """A shell that can be taught."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


SCRIPTS: Final = {
    Shell.BASH: _BASH,
    Shell.ZSH: _ZSH,
    Shell.FISH: _FISH,
    Shell.POWERSHELL: _POWERSHELL,
}


def command(shell: Annotated[Shell, typer.Argument(help="The shell that reads it.")]) -> None:
    """Show a script by which a shell completes commands and options.

    It completes the ids of rules, the formats and the names of files too.
    """
    write(SCRIPTS[shell])


def answer(app: typer.Typer, arguments: Sequence[str], asked: str) -> None:
    """Write what the last word can become, for the shell that asks."""
    shell = asked.removesuffix("+")
    words = [*arguments, ""] if shell != asked or not arguments else list(arguments)
    if shell == Shell.BASH:
        words = _glued(words)
    *before, word = words
    option, equals, _ = word.partition("=")
    stays = f"{option}=" if equals and word.startswith("--") and shell != Shell.BASH else ""
    for value, what in _found(app, before, word):
        write(f"{stays}{value}\t{what}\n")


def _found(app: typer.Typer, before: Sequence[str], word: str) -> Iterator[tuple[str, str]]:
    from typer._completion_classes import FishComplete  # any would do: the scripts differ, no more
    from typer.main import get_command

    asking = FishComplete(get_command(app), {}, "grantlint", "")
    for item in asking.get_completions(list(before), word):
        yield item.value, " ".join((item.help or "").split())


def _glued(words: Sequence[str]) -> list[str]:
    """The words as the user has written them: bash parts them at `=` and `:`."""
    glued: list[str] = []
    for word in words:
        if glued and (word in {"=", ":"} or glued[-1].endswith(("=", ":"))):
            glued[-1] += word
        else:
            glued.append(word)
    return glued
