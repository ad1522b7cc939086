"""``python -m asmrmaster``: the command line where its script is not on the path."""

from asmrmaster.cli import main

if __name__ == "__main__":
    main(prog_name="asmrmaster")
