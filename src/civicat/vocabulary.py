"""The closed lists of the catalogue: codes and their labels in both languages."""

from __future__ import annotations

from civicat.text import Text

# The four domains that the essay names come first (疫情防控, 公共秩序, 交通管制, 生态环境).
THEMES: dict[str, Text] = {
    "health": Text("疫情防控与健康", "Epidemic control and health"),
    "public-order": Text("公共秩序", "Public order"),
    "traffic": Text("交通管制", "Traffic"),
    "environment": Text("生态环境", "Ecology and environment"),
    "hazards": Text("防灾减灾", "Hazards"),
    "population": Text("区划人口", "Places and population"),
    "economy": Text("就业经济", "Work and economy"),
    "public-money": Text("财政资金", "Public money"),
}

# 更新周期 of 政务信息资源目录编制指南; each has its equivalent in the EU frequency authority table.
FREQUENCIES: dict[str, Text] = {
    "realtime": Text("实时", "real time"),
    "daily": Text("每日", "daily"),
    "weekly": Text("每周", "weekly"),
    "monthly": Text("每月", "monthly"),
    "quarterly": Text("每季度", "quarterly"),
    "half-yearly": Text("每半年", "twice a year"),
    "yearly": Text("每年", "yearly"),
    "irregular": Text("不定期", "irregular"),
    "never": Text("不再更新", "no further updates"),
}

# 开放属性: on which terms data is open. What is not open at all is not published.
OPENINGS: dict[str, Text] = {
    "open": Text("无条件开放", "Open to all"),
    "conditional": Text("有条件开放", "Open on conditions"),
}

# The types of Table Schema as readers call them, and what a column of codes is to them.
TYPES: dict[str, Text] = {
    "string": Text("文本", "text"),
    "integer": Text("整数", "whole number"),
    "number": Text("数值", "number"),
    "boolean": Text("是否", "yes or no"),
    "date": Text("日期", "date"),
    "time": Text("时刻", "time"),
    "datetime": Text("日期与时刻", "date and time"),
    "year": Text("年份", "year"),
    "yearmonth": Text("年月", "year and month"),
    "duration": Text("时长", "duration"),
    "geopoint": Text("坐标点", "point on the map"),
    "geojson": Text("地理形状", "shape on the map"),
    "object": Text("键值组（JSON）", "object (JSON)"),
    "array": Text("列表（JSON）", "list (JSON)"),
    "list": Text("列表", "list"),
    "any": Text("不限", "any"),
}
CODE = Text("代码", "code")
