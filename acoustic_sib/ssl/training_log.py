"""What a training log betrays: a loss that never left a guesser's, or that came back to it."""

from typing import Any

import numpy as np
import pandas as pd

from acoustic_sib.ssl.findings import Finding, cannot_tell, found, not_found

NEAR = 0.05
"""Nats within which a loss counts as that of a guesser."""
LEARNT = 0.1
"""Nats below a guesser's loss at which something had been learnt."""
SPIKE = 10.0
"""A gradient norm so many times the median is a spike."""


def guessers(labels: "pd.Series[str]") -> dict[str, float]:
    """The losses (cross-entropy in nats) of who has learnt nothing: of a `uniform` guess, ln C, and
    of guessing by the class counts, `prior`."""
    counts = labels.value_counts().to_numpy(dtype=float)
    shares = counts / counts.sum()
    return {"uniform": float(np.log(len(counts))), "prior": float(-(shares * np.log(shares)).sum())}


def stuck(history: pd.DataFrame | None, *, uniform: float, prior: float) -> dict[str, Any]:
    """Where the losses ended beside those of guessers: `final_loss`, `final_eval_loss`, and
    `stuck_at` ('uniform', 'prior' or None). Empty without a log."""
    if history is None:
        return {}
    last = {name: _last(history, column) for name, column in
            (("final_loss", "loss"), ("final_eval_loss", "eval_loss"))}  # fmt: skip
    told = {name: value for name, value in last.items() if value is not None}
    if not told:
        return {}
    # The lower one counts: a loss that fell for the training part has been learnt from.
    lowest = min(told.values())
    near = {"prior": abs(lowest - prior), "uniform": abs(lowest - uniform)}
    nearest = min(near, key=lambda name: near[name])
    beyond = lowest > uniform
    return {**told, "uniform_loss": uniform, "prior_loss": prior,
            "stuck_at": nearest if near[nearest] <= NEAR or beyond else None}  # fmt: skip


def destroyed(history: pd.DataFrame | None, *, uniform: float) -> Finding:
    """Did training break: a loss that had fallen and came back to ln C, NaN, or a spike?"""
    cause = "backbone_lr"
    if history is None or "loss" not in history:
        return cannot_tell(cause, "there is no log of the training loss",
                           "keep trainer_state.json with the run")  # fmt: skip
    loss = history["loss"].dropna().to_numpy(dtype=float)
    n_nan = int(history["n_nan"].sum()) if "n_nan" in history else 0
    norms = (history["grad_norm"].dropna().to_numpy(dtype=float) if "grad_norm" in history
             else np.array([]))  # fmt: skip
    spike = float(norms.max() / np.median(norms)) if len(norms) > 2 and np.median(norms) else None
    facts: dict[str, Any] = {"lowest_loss": float(loss.min()) if len(loss) else None,
             "final_loss": float(loss[-1]) if len(loss) else None, "uniform_loss": uniform,
             "values_not_finite": n_nan, "largest_grad_norm_to_median": spike}  # fmt: skip
    then = "lower the learning rate of the encoder to 1e-5 to 5e-5, with warm-up"
    if n_nan:
        return found(cause, f"{n_nan} logged values are NaN: training broke", then, **facts)
    if len(loss) < 2:
        return cannot_tell(cause, "the log holds fewer than two training losses", **facts)
    if loss.min() < uniform - LEARNT and loss[-1] >= uniform - NEAR:
        return found(
            cause, f"the loss had fallen to {loss.min():.3f} and came back to {loss[-1]:.3f}, that "
            f"of a guess (ln C = {uniform:.3f}): what had been learnt was destroyed", then, **facts,
        )  # fmt: skip
    if spike is not None and spike > SPIKE and loss[-1] >= uniform - NEAR:
        return found(cause, f"the gradient norm leapt to {spike:.0f} times its median, and the "
                     f"loss ended at {loss[-1]:.3f}", then, **facts)  # fmt: skip
    return not_found(cause, f"the loss ends at {loss[-1]:.3f}, its lowest was {loss.min():.3f}",
                     **facts)  # fmt: skip


def _last(history: pd.DataFrame, column: str) -> float | None:
    values = history[column].dropna().to_numpy(dtype=float) if column in history else np.array([])
    return float(values[-1]) if len(values) else None
