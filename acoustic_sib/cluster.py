"""The workers of a Dask cluster, lent to everything that joblib spreads over processes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import joblib

from acoustic_sib.errors import ConfigError
from acoustic_sib.version import code_version

ANSWER_S = 5.0
"""How long a scheduler may take to answer."""
WORKERS_S = 10.0
"""How long a cluster without workers may take to get its first one."""


@contextmanager
def dask_workers(address: str, corpus: Path) -> Iterator[None]:
    """Inside, clips are measured on the cluster whose scheduler is at `address`.

    Raises ConfigError, within seconds and before anything is measured, when no scheduler answers
    there, when it has no workers, or when a worker lacks this code or cannot see `corpus`.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError("--dask needs the extra: pip install 'acoustic-sib[dask]'") from None
    _refuse_deaf(address)
    with Client(address, timeout=f"{ANSWER_S:g}s") as client:
        _refuse_strange_workers(client, address, corpus)
        with joblib.parallel_config(backend="dask"):
            yield


def _refuse_deaf(address: str) -> None:
    """Ask whoever listens at `address` what it is: Client alone would wait for ever.

    Its own limit does not cover the greeting (dask/distributed issue 8071), and the port most
    often given by mistake, the dashboard's, takes connections and never greets.
    """
    try:
        kind = asyncio.run(_kind_at(address))
    except (TimeoutError, MemoryError):
        # The first bytes of a foreign answer are taken for a length, however absurd: MemoryError.
        found = "whoever listens there is no Dask scheduler"
    except (OSError, ValueError, TypeError) as error:
        found = " ".join(str(error).split())
    else:
        if kind == "Scheduler":
            return
        found = f"this is the address of a {kind}"
    raise ConfigError(f"--dask {address}: {found}; expected the address that the scheduler "
                      "prints when it starts, such as tcp://127.0.0.1:8786")  # fmt: skip


async def _kind_at(address: str) -> str:
    from distributed import Security, rpc

    security = Security().get_connection_args("client")
    async with rpc(address, timeout=ANSWER_S, connection_args=security) as node:
        identity = await asyncio.wait_for(node.identity(), ANSWER_S + 1)
    return str(identity["type"])


def _refuse_strange_workers(client: Any, address: str, corpus: Path) -> None:
    place = corpus.absolute()
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError:
        raise ConfigError(f"--dask {address}: no workers after {WORKERS_S:g} s; expected at least "
                          f"one: start it with dask worker {address}") from None  # fmt: skip
    for worker, package in client.run(find_spec, "acoustic_sib").items():
        if getattr(package, "origin", None) is None:  # absent, or a folder without our code
            raise ConfigError(f"--dask {address}: worker {worker} has no acoustic-sib; expected "
                              "the version installed here on every worker")  # fmt: skip
    seen = client.run(_seen, str(place))
    for worker, (version, sees_corpus) in seen.items():
        if version != code_version():
            raise ConfigError(f"--dask {address}: worker {worker} has other code for measuring; "
                              "expected the version of acoustic-sib installed here")  # fmt: skip
        if not sees_corpus:
            raise ConfigError(f"--dask {address}: worker {worker} finds no {place}; expected a "
                              "folder that every worker sees under the same path")  # fmt: skip


def _seen(corpus: str) -> tuple[str, bool]:
    """On a worker: which code it would measure with, and whether it sees the corpus."""
    return code_version(), Path(corpus).exists()
