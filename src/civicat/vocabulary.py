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
