"""Pillow's warnings go to the log, also when several threads decode at once; others are left alone."""

import logging
import threading
import warnings

import pytest
from PIL import Image

from maclip_desktop.imaging.quiet import pillow_warnings_logged


def warn_as_pillow() -> None:
    """Pillow warns of a picture beyond its first limit."""
    limit = Image.MAX_IMAGE_PIXELS
    assert limit is not None
    Image._decompression_bomb_check((limit + 1, 1))


@pytest.mark.filterwarnings("error")
class TestWarnings:
    def test_of_pillow_are_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG), pillow_warnings_logged():
            warn_as_pillow()
            warn_as_pillow()
        assert sum("DecompressionBombWarning" in record.getMessage() for record in caplog.records) == 2

    def test_of_others_are_left_alone(self) -> None:
        with pillow_warnings_logged(), pytest.raises(UserWarning, match="ours"):
            warnings.warn("ours", stacklevel=1)

    def test_are_as_before_once_the_last_thread_has_left(self) -> None:
        """The first thread in is also the first one out: the second must still be quiet, and then all is as it was."""
        before = (list(warnings.filters), warnings.showwarning)
        first_inside, second_inside, first_left = threading.Event(), threading.Event(), threading.Event()
        failures: list[Warning] = []

        def first() -> None:
            with pillow_warnings_logged():
                first_inside.set()
                assert second_inside.wait(10)
            first_left.set()

        def second() -> None:
            assert first_inside.wait(10)
            with pillow_warnings_logged():
                second_inside.set()
                assert first_left.wait(10)
                try:
                    warn_as_pillow()
                except Warning as warning:
                    failures.append(warning)

        threads = [threading.Thread(target=work) for work in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert first_left.is_set()
        assert failures == []
        assert (list(warnings.filters), warnings.showwarning) == before
        with pytest.raises(Image.DecompressionBombWarning):
            warn_as_pillow()
