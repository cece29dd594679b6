"""What the person should know of the scorer: which one works, a download, and when nothing can be scored."""

from PySide6.QtCore import Signal, Slot

from maclip_desktop.jobs.messages import DownloadProgress, ScorerReady
from maclip_desktop.ui import words
from maclip_desktop.ui.banner import Banner


class ScorerBanner(Banner):
    """Signals: ``weights_asked``, ``download_cancelled``, ``retry_asked``."""

    weights_asked = Signal()
    download_cancelled = Signal()
    retry_asked = Signal()

    def __init__(self) -> None:
        super().__init__(self.tr("About the scorer"))

    def show_scorer(self, scorer: ScorerReady, *, wished: bool) -> None:
        """A scorer is at work; *wished*: by the person, who then need not be told of a better one."""
        if scorer.name == "technical" and not wished:
            self._offer_weights(
                self.tr(
                    "Scores come from the simple technical scorer: no CLIP weights for MA-CLIP are on this machine."
                )
            )
        else:
            self.hide()

    def show_unavailable(self, sentence: str) -> None:
        """A scorer that was asked for cannot be had."""
        self._offer_weights(sentence)

    def show_download(self, progress: DownloadProgress) -> None:
        """How far the weights have come; scoring goes on with what there is."""
        self.say(words.download(progress), self.tr("Cancel"), self.download_cancelled.emit)

    def show_halt(self, sentence: str) -> None:
        """The scorer fails, and photos wait until somebody says that it is worth another try."""
        self.say(sentence, self.tr("Try again"), self._try_again)

    def _offer_weights(self, sentence: str) -> None:
        self.say(sentence, self.tr("Get MA-CLIP…"), self.weights_asked.emit)

    @Slot()
    def _try_again(self) -> None:
        self.hide()
        self.retry_asked.emit()
