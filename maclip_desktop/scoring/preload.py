"""Loading torch early, where the platform asks for it."""

import logging

log = logging.getLogger(__name__)


def preload_torch() -> None:
    """Load torch's libraries now. Where that fails the technical scorer still works, so it is only logged."""
    try:
        import torch
    except (ImportError, OSError) as error:
        log.error("torch cannot be loaded: %s", error)
    else:
        log.debug("torch %s loaded", torch.__version__)
