"""Every folder the application uses, in one place."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

from maclip_desktop.errors import UserFacingError

HOME_VARIABLE = "MACLIP_HOME"


@dataclass(frozen=True)
class AppPaths:
    """The application's own folders; none of them is created before something is written into it."""

    data: Path
    cache: Path
    config: Path
    logs: Path

    @classmethod
    def default(cls) -> "AppPaths":
        """The folders of this user, or those below ``MACLIP_HOME`` where that is set.

        Raises `UserFacingError` where the system tells of no home.
        """
        home = os.environ.get(HOME_VARIABLE)
        if home:
            return cls.below(Path(os.path.expanduser(home)).absolute())  # noqa: PTH111 - pathlib's raises
        try:
            paths = cls._of_user()
        except RuntimeError:
            # What platformdirs raises where nothing tells of a home; earlier it gave a path with "~" in it.
            paths = None
        if paths is None or not paths.data.is_absolute():
            raise UserFacingError(
                f"This user has no home folder (HOME is not set); say with {HOME_VARIABLE} where the library may lie."
            )
        return paths

    @classmethod
    def _of_user(cls) -> "AppPaths":
        dirs = PlatformDirs("maclip-desktop", appauthor=False)
        return cls(
            data=Path(dirs.user_data_dir),
            cache=Path(dirs.user_cache_dir),
            config=Path(dirs.user_config_dir),
            logs=Path(dirs.user_log_dir),
        )

    @classmethod
    def below(cls, home: Path) -> "AppPaths":
        """All folders under one root: for tests, portable use and several libraries side by side."""
        return cls(data=home / "data", cache=home / "cache", config=home / "config", logs=home / "logs")

    @property
    def library_file(self) -> Path:
        return self.data / "library.db"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails"

    @property
    def weights(self) -> Path:
        return self.data / "weights"

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"


def resources_dir() -> Path:
    """The folder of icons and other shipped files, in an installed package or in a checkout."""
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [package / "resources", package.parent / "resources"]
    if frozen:
        candidates.insert(0, Path(frozen) / "maclip_desktop" / "resources")
    return next((folder for folder in candidates if folder.is_dir()), candidates[0])
