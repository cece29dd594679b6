"""Which drives do not announce what other machines change on them."""

from pathlib import Path

import pytest

from maclip_desktop.watching.drives import is_silent

_MOUNTS = r"""overlay / overlay rw,relatime 0 0
//nas/photos /mnt/nas cifs rw 0 0
nas:/export /mnt/with\040blank nfs4 rw 0 0
/dev/sdb1 /mnt/nas/local ext4 rw 0 0
someone@host: /home/me/remote fuse.sshfs rw 0 0
/dev/sdc1 /home/me/remote ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/home/me/photos", False),
        ("/mnt/nas", True),
        ("/mnt/nas/2024/may", True),
        ("/mnt/nas-old", False),
        ("/mnt/with blank/2024", True),
        ("/mnt/nas/local/2024", False),
        ("/home/me/remote/a", False),
    ],
)
def test_the_drive_that_a_folder_is_on_counts(tmp_path: Path, folder: str, expected: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(_MOUNTS)
    assert is_silent(Path(folder), mounts) is expected


def test_without_a_list_of_drives_none_is_silent(tmp_path: Path) -> None:
    assert not is_silent(tmp_path, tmp_path / "absent")
