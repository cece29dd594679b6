"""The two families of errors.

A `UserFacingError` is the environment's fault (a missing file, a full disk, wrong input): its text is one
plain sentence that says what happened, where, and what to do. It is shown as it stands, without a traceback.

A `ProgramError` is ours: it is reported with its details so that it can be mended.
"""


class UserFacingError(Exception):
    """Something outside the program is wrong; ``str(error)`` is the sentence for the user."""


class UsageError(UserFacingError):
    """The program was asked for something that makes no sense (exit code 2)."""


class PhotoError(UserFacingError):
    """One photo cannot be read or scored; the others go on."""


class TransientPhotoError(PhotoError):
    """The photo could not be reached just now (gone, forbidden, no memory); nothing is known of its content."""


class FolderError(UserFacingError):
    """A folder is missing, no folder at all, or cannot be read."""


class LibraryError(UserFacingError):
    """The library file cannot be opened or written."""


class WeightsError(UserFacingError):
    """CLIP weights are missing, damaged, or do not fit the network."""


class DeviceError(UserFacingError):
    """The device asked for is not there or cannot do the work."""


class ExportError(UserFacingError):
    """A list cannot be written where it was asked for."""


class ProgramError(Exception):
    """A rule of the program itself was broken; this is a bug."""
