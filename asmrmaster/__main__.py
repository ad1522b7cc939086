"""``python -m asmrmaster``: the command line where its script is not on the path."""

from asmrmaster.cli import run

if __name__ == "__main__":
    run()
