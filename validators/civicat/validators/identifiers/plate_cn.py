"""车牌号, licence plates of civil motor vehicles in mainland China (GA 36-2018): ordinary and new-energy."""

from __future__ import annotations

import re

from civicat.text import Text
from civicat.validators.identifiers.columns_of_text import of_form
from civicat.validators.identifiers.identifier import Identifier
from civicat.validators.identifiers.writing import SMALL_LETTERS, untidy

_PROVINCE = "[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新]"
_OFFICE = "[A-HJ-Z]"  # the authority that issued it; O is that of the police
_SERIAL = "[A-HJ-NP-Z0-9]"  # without I and O
_POWER = "[A-HJK]"  # new energy: D, then A, B, C, E, battery-electric; F, then G, H, J, K, not only
# GA 36-2018, as public descriptions of it and code after it have it; how many letters a serial may have is not judged.
_FORMS = (
    f"{_PROVINCE}{_OFFICE}{_SERIAL}{{5}}",  # ordinary
    f"{_PROVINCE}{_OFFICE}{_SERIAL}{{4}}[学警挂试超领港澳]",  # driving schools, police, trailers ... border traffic
    f"{_PROVINCE}[0-9]{{5}}领",  # consulates: three digits of the mission and two of the vehicle
    f"{_PROVINCE}{_OFFICE}{_POWER}{_SERIAL}[0-9]{{4}}",  # new energy, small
    f"{_PROVINCE}{_OFFICE}[0-9]{{5}}{_POWER}",  # new energy, large
    "使[0-9]{6}|[0-9]{6}使",  # embassies, before 2017 and since: three digits of the mission and three of the vehicle
)
_PATTERN = "|".join(_FORMS)
_FORM = re.compile(_PATTERN)
_DOT = Text("请去掉中间的点或连字符", "leave out the dot or hyphen inside it")
_UNLIKE = Text("不是机动车号牌的写法", "no vehicle has a plate of this form")


def _check(text: str) -> Text | None:
    if why := untidy(text):
        return why
    if _FORM.fullmatch(text):
        return None
    if _FORM.fullmatch(text.upper()):
        return SMALL_LETTERS
    return _DOT if _FORM.fullmatch(re.sub("[·•.-]", "", text.upper())) else _UNLIKE


PLATE_CN = Identifier(
    name="plate-cn",
    title=Text("车牌号（中国内地）", "licence plate of mainland China"),
    description=Text(
        "民用机动车号牌，中间不写点：普通号牌 7 位，新能源 8 位，含警、学、挂、试、超、领、港、澳和使馆号牌。"
        "检查省份简称和各位的写法。不收军车、武警、民航、应急救援、农机、使馆摩托车和临时号牌；不查序号里有几个字母、"
        "发牌机关是否存在，也不查是否真有这辆车。示例均为虚构。",
        "Plates of civil motor vehicles, without the dot: ordinary ones of 7 characters, new-energy ones of 8, "
        "those of police, driving schools, trailers, tests, consulates, embassies and border traffic. Checked: the "
        "province and the form. Not taken: military, armed police, civil aviation, fire and rescue, farm machines, "
        "motorcycles of embassies, temporary ones. Not checked: how many letters the serial has, whether there is "
        "such an office or such a vehicle. The examples are made up.",
    ),
    standard="GA 36-2018",
    valid=("京A12345", "粤BD12345", "粤B12345D", "粤Z1234港", "001234使", "沪00123领"),
    invalid=(
        ("京A·12345", _DOT),
        ("京a12345", SMALL_LETTERS),
        ("京a·12345", _DOT),
        ("京I12345", _UNLIKE),
        ("京A1234O", _UNLIKE),
        ("京A123456", _UNLIKE),
        ("BJA12345", _UNLIKE),
    ),
    check=_check,
    personal=True,
    telling=True,
    sure=of_form(_PATTERN),
)
