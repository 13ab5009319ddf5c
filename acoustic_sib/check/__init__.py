"""The check: from labelled clips to "are these labels learnable?", and everything behind it."""

from acoustic_sib.check.imported import read_given
from acoustic_sib.check.run import Check, run_check
from acoustic_sib.check.usable import (
    audited_corpus,
    cache_folder,
    silent_stage,
    usable_clips,
    worker_count,
)

__all__ = [
    "Check",
    "audited_corpus",
    "cache_folder",
    "read_given",
    "run_check",
    "silent_stage",
    "usable_clips",
    "worker_count",
]
