"""Paths in what other programs read: from the top of the repository, and never a false one."""

from pathlib import Path

import pytest

from grantlint.reports import Look
from grantlint.reports.paths import inside, shown


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a directory `infra`, which is the working directory, and a neighbour."""
    top = tmp_path / "repository"
    (top / "infra").mkdir(parents=True)
    (top / ".git").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(top / "infra")
    return top


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("main.tf", "infra/main.tf"),
        ("./main.tf", "infra/main.tf"),
        ("../modules/x/main.tf", "modules/x/main.tf"),
        ("../infra/main.tf", "infra/main.tf"),
        ("..", "."),
        ("a b/ä.tf", "infra/a b/ä.tf"),
        ("a..b/main.tf", "infra/a..b/main.tf"),
    ],
)
def test_a_path_inside_is_from_the_top(repository: Path, path: str, expected: str) -> None:
    assert shown(path, Look(repository=repository)) == expected
    assert inside(path, Look(repository=repository)) == expected
    assert shown(str(Path.cwd() / path), Look(repository=repository)) == expected


@pytest.mark.parametrize("path", ["../../elsewhere/main.tf", "<stdin>", "/nowhere/main.tf"])
def test_a_path_outside_stays_as_it_was_given(repository: Path, path: str) -> None:
    assert shown(path, Look(repository=repository)) == path
    assert inside(path, Look(repository=repository)) is None


def test_a_path_that_leaves_and_comes_back_is_inside(repository: Path) -> None:
    assert inside("../../repository/main.tf", Look(repository=repository)) == "main.tf"


def test_without_a_repository_a_path_is_from_the_working_directory(repository: Path) -> None:
    assert shown("./main.tf", Look()) == "main.tf"
    assert shown(str(repository / "infra" / "main.tf"), Look()) == "main.tf"
    assert inside("../main.tf", Look()) is None
    assert shown("../main.tf", Look()) == "../main.tf"


def test_a_link_inside_the_repository_is_where_git_has_the_file(repository: Path) -> None:
    (repository / "modules").mkdir()
    (repository / "infra" / "linked").symlink_to(repository / "modules")
    assert inside("linked/main.tf", Look(repository=repository)) == "modules/main.tf"


def test_a_file_through_a_link_that_leads_outside_is_the_link(repository: Path) -> None:
    (repository / "infra" / "main.tf").symlink_to(repository.parent / "elsewhere" / "main.tf")
    assert inside("main.tf", Look(repository=repository)) == "infra/main.tf"


def test_a_way_into_the_repository_through_a_link_is_inside(repository: Path) -> None:
    (repository.parent / "way").symlink_to(repository)
    path = str(repository.parent / "way" / "main.tf")
    assert inside(path, Look(repository=repository)) == "main.tf"
