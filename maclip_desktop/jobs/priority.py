"""Work in the background steps back for the window and for other programs."""

import ctypes
import logging
import os
import sys
import threading

log = logging.getLogger(__name__)

STEPS_BACK = 5
"""Of nineteen that Linux knows: behind everything a person looks at, and before what may wait all night."""
_BELOW_NORMAL = -1
_QOS_UTILITY = 0x11


def lower_priority() -> None:
    """Let the thread that calls this step back; where the system does not permit it everything stays as it was.

    On Linux the threads that it starts from then on step back with it.
    """
    try:
        _lower()
    except (OSError, AttributeError) as error:
        log.debug("the priority stays as it is: %s", error)


def _lower() -> None:
    # Qt's own priorities do nothing on Linux, and pool threads are none of Qt's.
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentThread.restype = ctypes.c_void_p
        kernel.SetThreadPriority.argtypes = (ctypes.c_void_p, ctypes.c_int)
        kernel.SetThreadPriority(kernel.GetCurrentThread(), _BELOW_NORMAL)
    elif sys.platform == "darwin":
        ctypes.CDLL(None).pthread_set_qos_class_self_np(ctypes.c_uint(_QOS_UTILITY), ctypes.c_int(0))
    elif sys.platform == "linux":
        # Beside the whole program's own value, which is its first thread's: who is called twice steps back once.
        behind = os.getpriority(os.PRIO_PROCESS, os.getpid()) + STEPS_BACK
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, behind))
