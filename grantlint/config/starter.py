"""The files that `grantlint init` writes: a configuration, a pre-commit hook, jobs for CI.

`OWNER` stands for where somebody keeps grantlint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from grantlint import __version__
from grantlint.config.keys import ID, KEYS
from grantlint.config.profiles import ABOUT
from grantlint.config.table import Key, Tables
from grantlint.rule import Rule

REPOSITORY: Final = "https://github.com/OWNER/grantlint"
_WIDTH: Final = 96

HOOK: Final = f"""\
- repo: {REPOSITORY} # where you keep it
  rev: v{__version__}
  hooks:
    - id: grantlint
"""

PRE_COMMIT: Final = "repos:\n" + "".join(f"  {line}\n" for line in HOOK.splitlines())

WORKFLOW: Final = f"""\
name: grantlint
on:
  pull_request:
  push:
    branches: [main]
permissions: {{}}
concurrency:
  group: ${{{{ github.workflow }}}}-${{{{ github.ref }}}}
  cancel-in-progress: true
jobs:
  grantlint:
    name: KMS grants and key policies
    runs-on: ubuntu-24.04
    permissions:
      contents: read
      security-events: write # code scanning takes the SARIF
    steps:
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1
        with:
          persist-credentials: false
          fetch-depth: 0 # the base of a pull request is compared with
      - uses: OWNER/grantlint@v{__version__} # where you keep it; better the id of a commit
        with:
          # Of a pull request what it adds is reported, of a push everything.
          diff-against: ${{{{ github.event.pull_request.base.sha }}}}
          sarif: grantlint.sarif
      - uses: github/codeql-action/upload-sarif@5d4e8d1aca955e8d8589aabd499c5cae939e33c7 # v4.31.9
        if: always() && hashFiles('grantlint.sarif') != ''
        with:
          sarif_file: grantlint.sarif
"""

GITLAB: Final = f"""\
grantlint:
  stage: test
  image: python:3.12-slim # better by digest: python@sha256:…
  variables:
    GIT_DEPTH: "0" # the base of a merge request is compared with
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  before_script:
    - command -v git > /dev/null || {{ apt-get update -qq && apt-get install -y -qq --no-install-recommends git > /dev/null; }}
    - git config --global --add safe.directory "$CI_PROJECT_DIR" # the runner's files are another user's
    - pip install --quiet git+{REPOSITORY}@v{__version__} # where you keep it
  script:
    - |
      set -- check --output text --output gitlab=gl-code-quality.json --output junit=grantlint.xml
      if [ -n "${{CI_MERGE_REQUEST_DIFF_BASE_SHA:-}}" ]; then
        set -- "$@" --diff-against "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
      fi
      grantlint "$@"
  artifacts:
    when: always
    expire_in: 1 week
    reports:
      codequality: gl-code-quality.json
      junit: grantlint.xml
"""  # noqa: E501, S608  # a line of a shell script cannot be parted; no SQL


def configuration(rules: Sequence[Rule]) -> str:
    """A grantlint.toml in which every key is explained, and none is set."""
    return "\n".join(_lines(rules)) + "\n"


def _lines(rules: Sequence[Rule]) -> Iterator[str]:
    yield f"#:schema {ID}"
    yield "#"
    yield from _comment(
        "Nothing is set here: take the # away from the lines that you want. Paths are from this "
        "file on. `grantlint config show` says what is in force, `grantlint rules` what each rule "
        "finds:"
    )
    asked = [rule.id for rule in rules if not rule.opt_in]
    opt_in = [rule.id for rule in rules if rule.opt_in]
    yield from _comment(", ".join(asked))
    yield from _comment(f"Asked only where you name them: {', '.join(opt_in)}")
    for key in (key for key in KEYS if not isinstance(key.kind, Tables)):
        yield ""
        yield from _comment(_about(key))
        yield f"#{key.name} = {key.example}"
    for key in KEYS:
        if isinstance(key.kind, Tables):
            yield ""
            yield from _comment(key.about + ".")
            yield f"#[[{key.name}]]"
            for one in key.kind.keys:
                yield from _comment(_about(one))
                yield f"#{one.name} = {one.example}"


def _about(key: Key) -> str:
    """What a key is for, in a sentence or two."""
    if key.name == "profile":
        return key.about + ". " + " ".join(f"{name}: {about}." for name, about in ABOUT.items())
    usual = f" (without it {key.default})" if key.default not in {"", "[]", "{}"} else ""
    return f"{key.about}{usual}."


def _comment(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in wrap(text, _WIDTH - 2, break_on_hyphens=False))
