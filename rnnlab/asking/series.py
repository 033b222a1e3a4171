"""Asking for a forecast: from a moment of the held-out part of a series, or from typed values in its unit.

A moment is the place of the last value that is read. Its window may reach back into the training part, as
whoever forecasts knows the past; the last that is asked for is always held out. N values, T read, M moments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnlab.asking.asking import Asking, Question, batch_of_one, question_of, unanswered
from rnnlab.asking.numbers import number_of, numbers_of, plain
from rnnlab.asking.typed import cut, line, within
from rnnlab.own.series import read_series
from rnnlab.tasks import anomaly, forecast, horizon
from rnnlab.tasks.anomaly import Anomaly, flow
from rnnlab.tasks.series import READERS, WATER, Doubles, series
from rnnlab.tasks.tomorrow import Tomorrow

WANTED = "choose a moment, or type two values or more in the unit of the series"
WANTED_PRICE = "choose a day, or type a price with its unit, such as 70.5 $"
WANTED_FLOW = "choose an hour, or type two readings or more in litres a second, an hour such as 14:00 before"
Number = TypeVar("Number", np.float64, np.int64)
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%Y-%m")
"""How the files write days and months."""


def as_day(text: str) -> str:
    """A day as files write it, year first; a month as it is."""
    for pattern in DAYS[:-1]:
        try:
            return datetime.strptime(text, pattern).date().isoformat()
        except ValueError:
            continue
    return text


@lru_cache(maxsize=8)
def days(name: str, number: int) -> tuple[str, ...]:
    """When each value of a series was measured; its number where the file does not say."""
    try:
        rows = READERS[name][0].rows()
        found = [
            as_day(next(iter(row[key] for key in row if key in ("day", "date", "month")))) for row in rows
        ]
    except (FileNotFoundError, KeyError, StopIteration):
        found = []
    return tuple(found) if len(found) == number else numbered(number)


@lru_cache(maxsize=8)
def numbered(number: int) -> tuple[str, ...]:
    return tuple(f"t = {place}" for place in range(number))


def moment_of(text: str, moments: Sequence[str], wanted: str) -> int | None:
    """Which of the moments a text names, by its label or its number from 0; None where it is neither.

    Raises ValueError for a whole number beyond the moments there are.
    """
    typed = line(text, wanted)
    if typed in moments:
        return moments.index(typed)
    if not (typed.isascii() and typed.isdigit()):
        return None
    if len(typed) > 9 or int(typed) >= len(moments):
        raise ValueError(f"There is no moment {cut(typed)}, only 0 to {len(moments) - 1:,}: {wanted}.")
    return int(typed)


def values_of(text: str, unit: str, wanted: str, fewest: int = 2) -> Doubles:
    """Typed values, with the unit or without."""
    typed = line(text, wanted)
    numbers = numbers_of(typed.replace(unit, " ") if unit else typed, wanted)
    if len(numbers) < fewest:
        raise ValueError(f"A single value is too few to forecast from: {wanted}.")
    within(len(numbers), "values")
    return np.array(numbers, np.float64)


def window(values_N: NDArray[Number], last: int, width: int) -> NDArray[Number]:
    """`width` values up to the place `last`, or as many as there are."""
    return values_N[max(last + 1 - width, 0) : last + 1]


def forecast_moments(task: forecast.Forecast) -> tuple[str, ...]:
    """Days of the held-out part that a next one follows."""
    about, number = task.series, len(task.series.values_N)
    all_of_them = read_series(task.own).moments or numbered(number) if task.own else days(task.name, number)
    return all_of_them[about.border : about.middle - 1]


def read_forecast(task: forecast.Forecast, text: str, length: int) -> Question:
    """Values with their changes, to the change to come: known where the series goes on."""
    about, moments = task.series, forecast_moments(task)
    moment = moment_of(text, moments, WANTED)
    if moment is None:
        known_W = values_of(text, about.unit, WANTED)
        targets, understood = unanswered(task, 1), " ".join(map(plain, known_W))
    else:
        last = about.border + moment
        known_W, understood = window(about.values_N, last, length + 1), moments[moment]
        targets = np.array([[about.values_N[last + 1] - about.values_N[last]]], np.float32)
    inputs_TI = forecast.read(known_W[:, None], about)[:, 0]
    return question_of(task, batch_of_one(inputs_TI, targets), moment is not None, understood)


def tomorrow_moments(task: Tomorrow) -> tuple[str, ...]:
    """Days of the held-out part that a next one follows."""
    prices = series("brent")
    return days("brent", len(prices.values_N))[prices.border : prices.middle - 1]


def read_price(task: Tomorrow, text: str, length: int) -> Question:
    """One price, of a day or typed."""
    prices, moments = series("brent"), tomorrow_moments(task)
    moment = moment_of(text, moments, WANTED_PRICE)
    if moment is None:
        typed = line(text, WANTED_PRICE).replace(prices.unit, " ").strip().replace(",", ".")
        price, targets = number_of(typed, WANTED_PRICE), unanswered(task, 1)
        understood = f"{plain(price)} {prices.unit}"
    else:
        last, understood = prices.border + moment, moments[moment]
        price = float(prices.values_N[last])
        targets = np.array([[prices.values_N[last + 1] - prices.mean]], np.float32)
    inputs_TI = np.array([[(price - prices.mean) / prices.spread]], np.float32)
    return question_of(task, batch_of_one(inputs_TI, targets), moment is not None, understood)


def generated_moments(task: horizon.Forecast) -> tuple[str, ...]:
    """Places of the held-out part from which a value one horizon later is in it too."""
    return numbered(len(task.values_N))[task.border : task.middle - task.horizon]


def read_generated(task: horizon.Forecast, text: str, length: int) -> Question:
    """Values of a generated series, to those one horizon later."""
    moments = generated_moments(task)
    moment = moment_of(text, moments, WANTED)
    if moment is None:
        known_T = values_of(text, "", WANTED)
        understood = " ".join(map(plain, known_T))
        targets = unanswered(task, len(known_T) if task.everywhere else 1)
    else:
        last, understood = task.border + moment, moments[moment]
        known_T = window(task.values_N, last, length)
        answers_T = window(task.values_N, last + task.horizon, len(known_T))
        targets = task.scaled(answers_T).astype(np.float32)[:, None][0 if task.everywhere else -1 :]
    inputs_TI = task.scaled(known_T).astype(np.float32)[:, None]
    return question_of(task, batch_of_one(inputs_TI, targets), moment is not None, understood)


@lru_cache(maxsize=1)
def hours() -> tuple[str, ...]:
    """When each reading of the flow was taken."""
    number = len(flow().flow_N)
    try:
        times = [datetime.fromisoformat(row["Time"]).strftime("%Y-%m-%d %H:%M") for row in WATER.rows()]
    except (FileNotFoundError, KeyError):
        times = []
    return tuple(times) if len(times) == number else numbered(number)


def flow_moments(task: Anomaly) -> tuple[str, ...]:
    """Hours of the held-out part, the first one, that a next one follows."""
    return hours()[: len(flow().parts.held_out.flow_N) - 1]


def typed_flow(text: str) -> tuple[Doubles, int, str]:
    """Typed readings (T + 1,), the hour of the first, and a remark; the hour may stand before them."""
    first, _, rest = line(text, WANTED_FLOW).partition(" ")
    hour, colon, minutes = first.partition(":")
    if not colon:
        return values_of(text, "l/s", WANTED_FLOW), 0, "no hour is given, so the first reading is at 00:00"
    if not (hour.isdecimal() and minutes.isdecimal() and int(hour[:3]) < 24):
        raise ValueError(f"“{cut(first)}” is no hour of the day: {WANTED_FLOW}.")
    return values_of(rest, "l/s", WANTED_FLOW), int(hour[:3]), ""


def read_flow(task: Anomaly, text: str, length: int) -> Question:
    """Readings, each to its change in the next hour; the last one typed is not read, it is what came."""
    stream, moments = flow().parts.held_out, flow_moments(task)
    moment = moment_of(text, moments, WANTED_FLOW)
    if moment is None:
        litres_W, first, remark = typed_flow(text)
        hours_W = np.arange(first, first + len(litres_W), dtype=np.int64) % 24
        understood = f"{first:02d}:00 {' '.join(map(plain, litres_W))}"
    else:
        last, understood, remark = moment + 1, moments[moment], ""
        litres_W = window(stream.flow_N, last, length + 1)
        hours_W = window(stream.hour_N, last, length + 1)
    inputs_TI = anomaly.read(litres_W[:-1, None], hours_W[:-1, None])[:, 0]
    batch = batch_of_one(inputs_TI, anomaly.classes(np.diff(litres_W)))
    return question_of(task, batch, True, understood, remark)


def examples_of(moments: Callable[[Any], tuple[str, ...]]) -> Callable[[Any, int], tuple[str, ...]]:
    """A few moments that a whole window is before, by their numbers."""

    def examples(task: Any, length: int) -> tuple[str, ...]:
        number = len(moments(task))
        return str(number // 3), str(number // 2), str(number - 1)

    return examples


def about_moments(
    label: str,
    help: str,
    read: Callable[[Any, str, int], Question],
    moments: Callable[[Any], tuple[str, ...]],
) -> Asking:
    return Asking("moment", label, help, examples_of(moments), read, moments)


FORECAST = about_moments(
    "A moment, or the last values",
    "A day or month of the held-out part, or two values or more in the unit of the series.",
    read_forecast,
    forecast_moments,
)
TOMORROW = about_moments(
    "A day, or a price",
    "A day of the held-out part, or a price with its unit, such as 70.5 $.",
    read_price,
    tomorrow_moments,
)
GENERATED = about_moments(
    "A moment, or the last values",
    "A time of the held-out part, or two values or more of the series.",
    read_generated,
    generated_moments,
)
ANOMALY = about_moments(
    "An hour, or readings",
    "An hour of the held-out part, or readings in litres a second, the hour of the first before them.",
    read_flow,
    flow_moments,
)
