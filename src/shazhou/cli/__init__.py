"""The command ``shazhou``: thin; it parses, calls and prints."""

import gc
import sys

from shazhou import COLLECTED_EVERY

__all__ = ["main"]


def main() -> None:
    """Runs the command line.

    On a terminal a sign of life is there before the command line's own libraries are loaded, which takes a tenth of a
    second; it makes room for what the command has to say.
    """
    gc.set_threshold(COLLECTED_EVERY)
    terminal = sys.stderr.isatty()
    if terminal:
        print("shazhou …", end="", file=sys.stderr, flush=True)
    from shazhou.cli.app import main as run

    if terminal:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    run()
