"""acoustic_sib: are these sibilant labels learnable from sound, and what could have fooled us?"""

from typing import TYPE_CHECKING, Any

from acoustic_sib.version import __version__

if TYPE_CHECKING:
    from acoustic_sib.features import AcousticFeatures

__all__ = ["AcousticFeatures", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the scikit-learn transformer on first use: `acoustic-sib --help` must stay quick."""
    if name == "AcousticFeatures":
        from acoustic_sib.features import AcousticFeatures

        return AcousticFeatures
    raise AttributeError(f"module 'acoustic_sib' has no attribute {name!r}")
