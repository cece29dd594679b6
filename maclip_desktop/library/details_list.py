"""Many photos with their whole scores, read as they are wanted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from maclip_desktop.core.photo import PhotoDetails


class DetailsList(Sequence[PhotoDetails]):
    """Photos in the order of their ids, and others after them; going through them holds few at a time.

    A photo of 45 megapixels has the scores of 2500 tiles: a list of all of them would fill the memory.
    """

    def __init__(
        self,
        photo_ids: Sequence[int],
        read: Callable[[Iterable[int]], Iterator[PhotoDetails]],
        beside: Sequence[PhotoDetails] = (),
    ) -> None:
        """*beside*: entries that are in no library, for the end."""
        self._ids = photo_ids
        self._read = read
        self._beside = beside

    def __len__(self) -> int:
        return len(self._ids) + len(self._beside)

    def __iter__(self) -> Iterator[PhotoDetails]:
        yield from self._read(self._ids)
        yield from self._beside

    @overload
    def __getitem__(self, place: int) -> PhotoDetails: ...

    @overload
    def __getitem__(self, place: slice) -> "Sequence[PhotoDetails]": ...

    def __getitem__(self, place: int | slice) -> "PhotoDetails | Sequence[PhotoDetails]":
        places = range(len(self))[place]
        if isinstance(places, range):
            return [self[one] for one in places]
        if places < len(self._ids):
            return next(self._read([self._ids[places]]))
        return self._beside[places - len(self._ids)]
