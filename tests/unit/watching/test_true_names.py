"""On a drive that does not tell upper from lower case, one file must not become two photos."""

from pathlib import Path

import pytest

from maclip_desktop.watching.true_names import TrueNames

FOLDER = Path("/photos")


class CaseBlindDrive:
    """A drive as macOS and Windows have it: names keep their case, and open under any."""

    def __init__(self, *names: str) -> None:
        self._paths = {FOLDER / name for name in names}
        self.listings = 0

    def listing(self, directory: Path) -> list[str]:
        self.listings += 1
        deep = len(directory.parts)
        inside = {
            path.parts[deep] for path in self._paths if str(path).casefold().startswith(f"{directory}/".casefold())
        }
        if not inside:
            raise FileNotFoundError(directory)
        return sorted(inside)

    def same_file(self, first: Path, second: Path) -> bool:
        there = {str(path).casefold() for path in self._paths}
        there |= {str(parent).casefold() for path in self._paths for parent in path.parents}
        return str(first).casefold() == str(second).casefold() and str(first).casefold() in there

    def names(self) -> TrueNames:
        return TrueNames(self.listing, self.same_file)


def true(drive: CaseBlindDrive, name: str) -> str:
    return drive.names().deepest_true(FOLDER, FOLDER / name).relative_to(FOLDER).as_posix()


def test_a_name_as_listed_is_true() -> None:
    assert true(CaseBlindDrive("May/img_1.jpg"), "May/img_1.jpg") == "May/img_1.jpg"


def test_of_a_name_in_another_case_its_directory_is_true() -> None:
    assert true(CaseBlindDrive("May/img_1.jpg"), "May/IMG_1.JPG") == "May"


def test_of_a_directory_in_another_case_the_one_around_it_is_true() -> None:
    assert true(CaseBlindDrive("trips/May/img_1.jpg"), "trips/MAY/img_1.jpg") == "trips"
    assert true(CaseBlindDrive("May/img_1.jpg"), "MAY") == "."


def test_many_files_of_one_directory_have_it_listed_once() -> None:
    drive = CaseBlindDrive(*(f"img_{number}.jpg" for number in range(50)))
    names = drive.names()
    for number in range(50):
        names.deepest_true(FOLDER, FOLDER / f"img_{number}.jpg")
    assert drive.listings == 1


def test_a_directory_that_cannot_be_listed_proves_nothing() -> None:
    def forbidden(directory: Path) -> list[str]:
        raise PermissionError(directory)

    drive = CaseBlindDrive("img_1.jpg")
    path = FOLDER / "IMG_1.JPG"
    assert TrueNames(forbidden, drive.same_file).deepest_true(FOLDER, path) == path


def test_where_case_matters_nothing_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    if (tmp_path / "A.JPG").exists():
        pytest.skip("this drive does not tell upper from lower case")

    def never(directory: Path) -> list[str]:
        raise AssertionError(directory)

    assert TrueNames(never).deepest_true(tmp_path, tmp_path / "a.jpg") == tmp_path / "a.jpg"
