"""What could have fooled the proof: a model that sees the recording, not the sound.

Nuisance columns say how a clip was cut, levelled, recorded and stored. If they alone predict the
labels, a model may have learned those instead of the articulation.
"""

import pandas as pd

NUMERIC = ("duration_s", "level_db", "peak_db", "noise_floor_db", "bandwidth_hz", "silence_share",
           "clipped_share", "dc", "sr_hz", "n_channels")  # fmt: skip
KNOWN_DEVICE_COLUMNS = ("session", "session_id", "device", "microphone", "mic", "recorder", "room")
MOST_VALUES = 30


def nuisance_table(
    quality: pd.DataFrame, manifest: pd.DataFrame, extra: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Nuisance columns, indexed by clip id: numbers as they are, categories as 0/1 columns.

    Categories are the file format, the manifest's session and device columns, and `extra`; of a
    category's values the 30 most frequent get a column. Columns that never vary are left out.
    """
    rows = quality.loc[manifest["clip_id"]]
    parts = [rows[[name for name in NUMERIC if name in rows.columns]].astype(float)]
    categories = {"format": rows["format"].to_numpy(dtype=str)}
    for name in (*KNOWN_DEVICE_COLUMNS, *extra):
        if name in manifest.columns:
            categories[name] = manifest[name].to_numpy(dtype=str)
    for name, values in categories.items():
        frequent = pd.Series(values).value_counts().index[:MOST_VALUES]
        parts += [
            pd.DataFrame({f"{name}={value}": (values == value).astype(float)}, index=rows.index)
            for value in frequent
        ]
    table = pd.concat(parts, axis=1)
    return table.loc[:, table.nunique(dropna=False) > 1]
