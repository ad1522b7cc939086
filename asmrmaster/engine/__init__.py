"""One file on its way through: prepare, measure, plan, render, judge, publish."""

from asmrmaster.engine.pipeline import check, master

__all__ = ["check", "master"]
