"""``python -m tests.bench.slow``: what calls notice of slow and silent clients, and of too many calls.

Calls are made at a rate that leaves the service time, in turn alone and beside connections that send no more.
Then more and more callers call without a pause.
"""

import argparse
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.bench.figures import machine
from tests.bench.serving.demo import SETTINGS, demo_register
from tests.bench.serving.load import Result, finished, started
from tests.bench.serving.request import of_demo
from tests.bench.serving.servers import Server, service
from tests.e2e.slow_clients import KINDS, begun_at

CALLERS, PER_SECOND = 8, 40.0


def main(arguments: Sequence[str] | None = None, *, copies: bool = False) -> None:
    """Measure and print the tables; `copies` as in `tests.bench.serving.main`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=300, help="connections of each kind")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measure")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        demo_register(folder)
        asked = (of_demo("GetListing"),)
        server = stack.enter_context(service("fastkontakt", folder / SETTINGS, asked, copy=copies))
        _calls(server, 64, 0.0, 2.0)  # each thread has compiled its schemas
        print(f"{machine()}\n")
        _slow(server, options.each, options.rounds, options.seconds)
        _many(server, options.rounds, options.seconds)


def _slow(server: Server, each: int, rounds: int, seconds: float) -> None:
    chosen: dict[str, dict[str, bytes]] = {
        "alone": {},
        **{f"{each} {kind}": {kind: sent} for kind, sent in KINDS.items()},
    }
    chosen[f"{each} of each"] = KINDS
    found: dict[str, list[Result]] = {name: [] for name in chosen}
    for _ in range(rounds):
        for name, kinds in chosen.items():
            with ExitStack() as stack:
                for sent in kinds.values():
                    stack.enter_context(begun_at(server.address, sent, each))
                found[name].append(_calls(server, CALLERS, PER_SECOND, seconds))
    print("| beside | p50 ms | p99 ms | p99, of alone | not answered |\n|---|--:|--:|--:|--:|")
    for name, results in found.items():
        pairs = zip(results, found["alone"], strict=True)
        ratio = median(one.p99 / alone.p99 for one, alone in pairs)
        lost = sum(sum(one.wrong.values()) for one in results)
        p50, p99 = (median(getattr(one, key) for one in results) for key in ("p50", "p99"))
        print(f"| {name} | {p50:.1f} | {p99:.1f} | {ratio:.2f} | {lost} |")


def _many(server: Server, rounds: int, seconds: float) -> None:
    numbers = (16, 64, 200, 400)
    found: dict[int, list[Result]] = {number: [] for number in numbers}
    for _ in range(rounds):
        for number in numbers:
            found[number].append(_calls(server, number, 0.0, seconds))
    best = max(median(one.per_second for one in results) for results in found.values())
    print("\n| callers | right a second | of the best | refused | p99 ms | slowest ms |")
    print("|--:|--:|--:|--:|--:|--:|")
    for number, results in found.items():
        right, p99, slowest = (
            median(getattr(one, key) for one in results) for key in ("per_second", "p99", "slowest")
        )
        refused = sum(one.refused for one in results) / sum(one.right + one.refused for one in results)
        print(f"| {number} | {right:.0f} | {right / best:.2f} | {refused:.1%} | {p99:.0f} | {slowest:.0f} |")


def _calls(server: Server, callers: int, per_second: float, seconds: float) -> Result:
    return finished(
        started(
            server.address, server.messages(), connections=callers, seconds=seconds, per_second=per_second
        )
    )


if __name__ == "__main__":
    main()
