"""What a process that the program starts owes to the program: to end with it."""

from __future__ import annotations

import os
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread


def end_with_parent() -> None:
    """End this process as soon as the one that started it has ended, however that came about.

    Called in a process of ``multiprocessing``. A killed program cannot end its processes, and those of a pool would wait for work for ever.
    """
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)  # nobody is left who could read what is made
