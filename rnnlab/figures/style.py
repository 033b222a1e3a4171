"""One look for all figures: what each colour means, and the frame around every chart.

Blue runs forward, orange is a gradient, teal is a prediction, in light and dark alike: each is
at least 3:1 against both backgrounds. Maps are readable without telling red from green.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

FORWARD, GRADIENT, PREDICTION, QUIET = "#3b82f6", "#e8590c", "#0d9488", "#7c8798"

SEQUENTIAL = ["#f3f8fe", "#d3e4f5", "#a6cbe8", "#67a9d6", "#3282be", "#1259a1", "#08306b"]
"""For magnitudes: from pale to deep blue, as on the live page."""

DIVERGING = [
    "#0b3c74",
    "#2f7ab8",
    "#7fb6d9",
    "#cfe3ef",
    "#f8f7f6",
    "#fbd5c0",
    "#ef9c7c",
    "#cf4d44",
    "#8e0f25",
]
"""For signed values, zero in the pale middle: blue below, red above, as on the live page."""

SURFACES = {False: ("#ffffff", "#1e293b", "#e2e8f0"), True: ("#191e29", "#e6eaf2", "#353d4c")}
"""Background, text and grid, by `dark`: the background is that of the live page's cards."""

MUTED = {False: "#55617a", True: "#a7b0c0"}
"""Of words beside the matter, by `dark`: at least 4.5:1, since words are read."""

FAMILY = '"Source Sans", "Source Sans Pro", system-ui, sans-serif'

NARROWEST = {16: 56, 13: 72, 12: 66}
"""Letters in one line by their size in pixels, in a chart of 515 pixels; remarks begin at the plot."""

LINE = {16: 21, 13: 18, 12: 16}
"""Pixels from line to line, by the size of the letters."""


DARK_SEQUENTIAL = ["#131c2b", "#1b3252", "#21507f", "#2c71b0", "#4a95d9", "#86bdf0", "#cfe6ff"]
DARK_DIVERGING = [
    "#9fd0ff",
    "#5ba1e0",
    "#2f6ba6",
    "#1e3b5a",
    "#1b1f27",
    "#57302c",
    "#a34a3c",
    "#e27a63",
    "#ffc0a8",
]
"""On a dark page the quiet end is dark, so that what glows is what is large."""


def map_of(signed: bool, dark: bool) -> list[list[Any]]:
    """The colour scale of a map: of signed values or of magnitudes."""
    light, night = (DIVERGING, DARK_DIVERGING) if signed else (SEQUENTIAL, DARK_SEQUENTIAL)
    return colorscale(night if dark else light)


def colorscale(colours: Sequence[str]) -> list[list[Any]]:
    """Colours at equal distances, as Plotly wants them."""
    return [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)]


def faint(colour: str, alpha: float = 0.22) -> str:
    """A colour #rrggbb that what lies behind shines through."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def styled(figure: go.Figure, title: str, x: str, y: str, dark: bool, said: str = "") -> go.Figure:
    """`figure` with its title, what is `said` below it in smaller letters, and the common frame.

    Call it when all lines, remarks and `showlegend` are there: the margins make room for them, so
    that nothing overlaps from a width of 515 pixels up.
    """
    background, text, grid = SURFACES[dark]
    axis = {"gridcolor": grid, "linecolor": grid, "zeroline": False, "automargin": True}
    axis |= {"tickfont": {"size": 13}, "title_font_size": 14}
    heading, above = titled(title, said, dark)
    figure.update_layout(
        template="plotly_dark" if dark else "plotly_white",
        title=heading,
        font={"color": text, "size": 14, "family": FAMILY},
        paper_bgcolor=background,
        plot_bgcolor=background,
        margin={"l": 64, "r": 24, "t": above + remark_pixels(figure) + 12, "b": 58 + legend_pixels(figure)},
        legend=LEGEND,
        hovermode="x unified",
        hoverlabel={"bgcolor": background, "bordercolor": grid, "font": {"color": text}},
    )
    figure.for_each_annotation(lambda one: one.update(font_color=MUTED[dark]) if quiet(one) else None)
    figure.update_xaxes(title=x, **axis)
    figure.update_yaxes(title=y, **axis)
    if not anything(figure):
        show_words_alone(figure)
    return figure


def anything(figure: go.Figure) -> bool:
    """Whether one point at least is drawn."""
    points = (value for drawn in figure.data for value in (drawn.y if drawn.y is not None else ()))
    return any(value is not None for value in points)


def show_words_alone(figure: go.Figure) -> None:
    """No scales of nothing: what is said stands large in the middle, line under line."""
    figure.update_layout(showlegend=False)
    figure.update_xaxes(showticklabels=False, showgrid=False)
    figure.update_yaxes(showticklabels=False, showgrid=False)
    remarks = [one for one in figure.layout.annotations if one.name == "remark"]
    middle = {"x": 0.5, "xanchor": "center", "align": "center", "y": 0.5, "yanchor": "middle"}
    for number, remark in enumerate(remarks):
        lines = "<br>".join(wrapped(remark.text.replace("<br>", " "), 48))
        remark.update(text=lines, font_size=16, yshift=30 * (number - (len(remarks) - 1) / 2), **middle)


def quiet(annotation: Any) -> bool:
    return bool(annotation.font.color == QUIET)


LEGEND = {
    "orientation": "h",
    "x": 0.02,
    "xref": "container",
    "xanchor": "left",
    "y": 0.01,
    "yref": "container",
    "yanchor": "bottom",
    "font": {"size": 13},
    "bgcolor": "rgba(0,0,0,0)",
}
"""At the lower edge of the card, below the axis: there it is in nothing's way."""


def titled(title: str, said: str, dark: bool) -> tuple[dict[str, Any], int]:
    """The title at the card's left edge, and the pixels that it takes."""
    lines, more = wrapped(title, NARROWEST[16]), wrapped(said, NARROWEST[13])
    small = f'<span style="font-size:13px;font-weight:400;color:{MUTED[dark]}">'
    text = "<br>".join([*(f"<b>{line}</b>" for line in lines), *(f"{small}{line}</span>" for line in more)])
    place = {"x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top"}
    several = len(lines) + len(more) > 1  # whose first line Plotly sets higher than a single one
    look = {"text": text, "font": {"size": 16}, "pad": {"l": 16, "t": 29 if several else 13}}
    return look | place, 18 + LINE[16] * len(lines) + LINE[13] * len(more)


def wrapped(text: str, most: int) -> list[str]:
    """Lines of at most so many letters; tags do not count."""
    lines: list[str] = []
    for word in text.split():
        if lines and letters(f"{lines[-1]} {word}") <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def letters(text: str) -> int:
    return len(re.sub("<[^>]*>", "", text))


def legend_pixels(figure: go.Figure) -> int:
    """The height of the legend in a chart of 515 pixels."""
    names = [drawn.name for drawn in figure.data if drawn.name and drawn.showlegend is not False]
    if figure.layout.showlegend is False or len(names) < 2:
        return 0
    widest = max(48 + 6.6 * letters(name) for name in names)  # Plotly lays the entries out in columns
    return 22 * -(-len(names) // max(1, int(LEGEND_WIDTH / widest)))


LEGEND_WIDTH = 490


def remark_pixels(figure: go.Figure) -> int:
    remarks: list[str] = [one.text for one in figure.layout.annotations if one.name == "remark"]
    return LINE[12] * sum(1 + text.count("<br>") for text in remarks)


def note(figure: go.Figure, text: str) -> None:
    """A remark above the plot, on the left; each further one above the last."""
    figure.add_annotation(
        text="<br>".join(wrapped(text, NARROWEST[12])),
        name="remark",
        align="left",
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=remark_pixels(figure),
        showarrow=False,
        font={"size": 12, "color": QUIET},
    )


def note_at(figure: go.Figure, text: str, x: float, side: str) -> None:
    """A remark at the plot's lower edge that begins at, ends at or is centred on `x`."""
    figure.add_annotation(
        text=text,
        x=x,
        xanchor=side,
        y=0.02,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": QUIET},
    )
