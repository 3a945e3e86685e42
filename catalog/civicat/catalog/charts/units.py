"""Units as a reader of each language understands them: beside a figure, and explained on an axis."""

from __future__ import annotations

from collections.abc import Mapping

from civicat.text import Language, Text

THIN = "\u202f"  # a narrow space at which no line breaks: between a figure and its unit
_CLOCKS = frozenset({"hhmm", "hh:mm", "hhmmss", "hh:mm:ss"})
_MAGNITUDES = frozenset({"M", "Mw", "ML", "Ms", "Mb", "mb", "Md"})
_CLOSE = frozenset({"%", "‰", "°", "′", "″"})  # stand at their figure without a space
# What is measured in these has no total: temperatures, shares, rates, angles, levels. So has what is "per" something.
_LEVELS = frozenset(
    {
        *("%", "‰", "1e-4", "1e-5", "1e-6", "°", "°C", "°F", "K", "Cel", "[degF]", "kn", "mph", "hPa", "Pa", "kPa"),
        *("bar", "mbar", "atm", "mmHg", "inHg", "dB", "dBA", "pH", "ppm", "ppb", "a", *_MAGNITUDES),
    }
)
_NAMES: Mapping[str, Text] = {
    "mm": Text("毫米", "millimetres"),
    "cm": Text("厘米", "centimetres"),
    "m": Text("米", "metres"),
    "km": Text("千米", "kilometres"),
    "in": Text("英寸", "inches"),
    "ft": Text("英尺", "feet"),
    "mi": Text("英里", "miles"),
    "m2": Text("平方米", "square metres"),
    "m²": Text("平方米", "square metres"),
    "km2": Text("平方千米", "square kilometres"),
    "km²": Text("平方千米", "square kilometres"),
    "ha": Text("公顷", "hectares"),
    "g": Text("克", "grams"),
    "kg": Text("千克", "kilograms"),
    "t": Text("吨", "tonnes"),
    "L": Text("升", "litres"),
    "s": Text("秒", "seconds"),
    "min": Text("分钟", "minutes"),
    "h": Text("小时", "hours"),
    "d": Text("天", "days"),
    "a": Text("年", "years"),
    "kn": Text("节", "knots"),
    "mph": Text("英里每小时", "miles per hour"),
    "km/h": Text("千米每小时", "kilometres per hour"),
    "m/s": Text("米每秒", "metres per second"),
    "°C": Text("摄氏度", "degrees Celsius"),
    "°F": Text("华氏度", "degrees Fahrenheit"),
    "K": Text("开尔文", "kelvins"),
    "hPa": Text("百帕", "hectopascals"),
    "kPa": Text("千帕", "kilopascals"),
    "USD": Text("美元", "US dollars"),
    "CNY": Text("人民币元", "Chinese yuan"),
    "EUR": Text("欧元", "euros"),
    "GBP": Text("英镑", "pounds sterling"),
    "JPY": Text("日元", "Japanese yen"),
    "HKD": Text("港元", "Hong Kong dollars"),
    "M": Text("震级", "magnitude"),
    "Mw": Text("矩震级", "moment magnitude"),
    "ML": Text("近震震级", "local magnitude"),
    "Ms": Text("面波震级", "surface-wave magnitude"),
    "mb": Text("体波震级", "body-wave magnitude"),
    "°": Text("度", "degrees"),
    "hhmm": Text("时分", "hour and minute"),
}
_WHOLE: Mapping[str, Text] = {  # said in words alone: the sign would tell a reader nothing
    "1e-4": Text("每万", "per 10,000"),
    "1e-5": Text("每十万", "per 100,000"),
    "1e-6": Text("每百万", "per million"),
    "‰": Text("‰", "per thousand"),
    "a": Text("年", "years"),
    "M": Text("震级", "magnitude"),
}


def is_clock(unit: str) -> bool:
    """Whether a number is a reading of the clock."""
    return unit.lower() in _CLOCKS


def can_be_added(unit: str) -> bool:
    """Whether a total of values in this unit means anything."""
    return unit not in _LEVELS and "/" not in unit and not is_clock(unit)


def on_axis(unit: str, language: Language) -> str:
    """A unit with its name: km, kilometres; blank where there is none."""
    said = _WHOLE.get(unit)
    if said:
        return said.within(language)
    name = _NAMES.get(unit)
    if not name:
        return unit
    return f"{unit}，{name.zh}" if language == "zh" else f"{unit}, {name.en}"


def with_unit(title: str, unit: str, language: Language) -> str:
    """What an axis or a column is of: Depth (km, kilometres) and 深度（km，千米）; not twice the same word."""
    said = on_axis(unit, language)
    if not said or said.lower() == title.lower():
        return title
    return f"{title}（{said}）" if language == "zh" else f"{title} ({said})"


def measured(figure: str, unit: str, language: Language) -> str:
    """A figure with its unit within a sentence: 12 km, 5%, magnitude 6.4 (Mw)."""
    if not unit:
        return figure
    if unit in _MAGNITUDES:
        level = f"震级{THIN}{figure}" if language == "zh" else f"magnitude{THIN}{figure}"
        kind = "" if unit == "M" else f"（{unit}）" if language == "zh" else f" ({unit})"
        return level + kind
    if unit in _WHOLE and unit != "‰":
        said = _WHOLE[unit].within(language)
        return f"{said}{THIN}{figure}" if language == "zh" and unit != "a" else f"{figure}{THIN}{said}"
    return f"{figure}{'' if unit in _CLOSE else THIN}{unit}"
