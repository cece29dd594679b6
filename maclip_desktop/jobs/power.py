"""What the machine runs on."""

import logging

import psutil

log = logging.getLogger(__name__)


def runs_on_battery() -> bool:
    """True while the machine is known to run on its battery; False for one that has none."""
    read = getattr(psutil, "sensors_battery", None)  # some systems cannot tell
    if read is None:
        return False
    try:
        battery = read()
    except Exception as error:  # noqa: BLE001 - drivers' files hold anything; who cannot be asked holds nobody up
        log.debug("the battery cannot be read: %s", error)
        return False
    return battery is not None and battery.power_plugged is False  # None: nobody knows
