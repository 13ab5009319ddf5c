"""Our own folder: states.npy, offsets.npy, clips.csv, meta.json."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from acoustic_sib.ssl.clip_ids import IdList
from acoustic_sib.ssl.npy_format import Array
from acoustic_sib.ssl.state_dumps import Dump, StateReader
from acoustic_sib.ssl.states import read_states


def _sniff(source: Path) -> bool:
    return source.is_dir() and (source / "states.npy").is_file()


def _read(source: Path, ids: IdList | None) -> Dump:
    states = read_states(source)

    def clips() -> Iterator[tuple[str, Array]]:
        layers = [states.layer(position) for position in range(states.n_layers)]
        for number, clip_id in enumerate(states.clip_ids):
            begin, end = states.offsets[number], states.offsets[number + 1]
            yield clip_id, np.stack([layer[begin:end] for layer in layers])

    return Dump(place=str(source), clips=clips, meta=states.meta,
                facts=states.facts() if ids is None else ids.facts)  # fmt: skip


READER = StateReader(kind="canonical", accepts="a states folder of ours (states.npy, offsets.npy, "
                     "clips.csv, meta.json)", rank=10, sniff=_sniff, read=_read)  # fmt: skip
