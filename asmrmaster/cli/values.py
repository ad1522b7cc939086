"""What can be typed as a value: how it is read, and what completion offers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    class Text(click.ParamType[str]): ...

    class Number(click.ParamType[float]): ...

else:
    Text = Number = click.ParamType  # before click 8.5 it takes no type

Kind = Literal["Preset", "Profile", "EqCurve", "DeliveryTarget"]


class DocumentName(Text):
    """A shipped name or a file of one's own. several: whether a comma may part more than one."""

    name = "text"

    def __init__(self, kind: Kind, *, several: bool = False) -> None:
        self._kind, self._several = kind, several

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The shipped names that begin so; else files."""
        from click.shell_completion import CompletionItem

        from asmrmaster import presets

        before, comma, last = incomplete.rpartition(",") if self._several else ("", "", incomplete)
        found = [n for n in presets.shipped(getattr(presets, self._kind)) if n.startswith(last)]
        if not found:
            return [CompletionItem(incomplete, type="file")]
        return [CompletionItem(f"{before}{comma}{name}") for name in found]


class Time(Number):
    """``90``, ``15:00`` or ``1:00:00``, as seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Seconds; a text that is no time is a usage error."""
        from asmrmaster.audio.times import read_time
        from asmrmaster.errors import ParameterError

        if not isinstance(value, str):
            return value
        try:
            return read_time(value)
        except ParameterError as error:
            self.fail(str(error), param, ctx)


class ViewName(Text):
    """The name of a view of saved reports."""

    name = "view"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The views that begin so."""
        from click.shell_completion import CompletionItem

        from asmrmaster.views import registry

        names = (*registry.ONE, *registry.MANY)
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]
