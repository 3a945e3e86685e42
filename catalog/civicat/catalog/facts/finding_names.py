"""What each finding is called in a list: three or four words. docs/findings.md has the whole of it."""

from __future__ import annotations

from collections.abc import Mapping

from civicat.conversion import RULES
from civicat.text import Text

_DESCRIPTOR = Text("描述文件写法有误", "Descriptor not written as one")
_NAMES: Mapping[str, Text] = {
    "source-error": Text("文件读不到末尾", "File cannot be read to its end"),
    "record-too-long": Text("一行没有结尾", "Row without an end"),
    "unclosed-quote": Text("引号没有配对", "Quote never closed"),
    "zero-bytes": Text("文件含空字节", "Zero bytes in the file"),
    "scheme-error": Text("文件来源无法读取", "Source of a kind that is not read"),
    "format-error": Text("文件格式不符", "Not the format that it says"),
    "encoding-error": Text("编码不符", "Wrong encoding"),
    "encoding-doubtful": Text("编码可疑", "Doubtful encoding"),
    "several-sheets": Text("工作簿有多个工作表", "Several sheets"),
    "hidden-sheet": Text("隐藏的工作表", "Hidden sheet"),
    "hidden-cells": Text("隐藏的行或列", "Hidden rows or columns"),
    "merged-cells": Text("合并单元格", "Merged cells"),
    "error-cell": Text("公式报错的单元格", "Cells that show an error"),
    "formula-empty": Text("公式没有存下结果", "Formulas without a stored result"),
    "digits-lost": Text("数字丢位", "Digits lost"),
    "digits-shortened": Text("数字被缩短", "Digits shortened"),
    "text-error": Text("文字无法读取", "Text that cannot be read"),
    "compression-error": Text("压缩文件损坏", "Damaged archive"),
    "hash-count": Text("校验值不符", "Checksum differs"),
    "byte-count": Text("文件大小不符", "Size differs"),
    "field-count": Text("字段数不符", "Number of columns differs"),
    "row-count": Text("行数不符", "Number of rows differs"),
    "no-rows": Text("没有数据行", "No rows"),
    "blank-header": Text("没有表头", "No header"),
    "unmatched-header": Text("表头与说明不符", "Header differs from the descriptor"),
    "extra-label": Text("多出一列", "Column too many"),
    "missing-label": Text("缺一列", "Column missing"),
    "blank-label": Text("列名为空", "Column without a name"),
    "duplicate-label": Text("列名重复", "Column name stands twice"),
    "incorrect-label": Text("列名不符", "Column name differs"),
    "blank-row": Text("空行", "Blank row"),
    "duplicate-row": Text("重复的行", "Row stands twice"),
    "unique-key": Text("主键重复", "Key stands twice"),
    "primary-key": Text("主键重复或为空", "Key empty or stands twice"),
    "foreign-key": Text("引用的值查不到", "Reference not found"),
    "row-constraint": Text("不合行规则", "Row breaks a rule"),
    "key-published": Text("该主键已发布", "Key published already"),
    "cannot-join": Text("无法与已发布的行合并", "Cannot join the rows online"),
    "file-published": Text("该文件已发布过", "File published already"),
    "extra-cell": Text("多出单元格", "Cell too many"),
    "missing-cell": Text("缺单元格", "Cell missing"),
    "type-error": Text("类型不符", "Wrong type"),
    "constraint-error": Text("不合列规则", "Value breaks a rule of its column"),
    "unique-error": Text("应唯一的值重复", "Value stands twice"),
    "truncated-value": Text("值可能被截断", "Value may be cut off"),
    "forbidden-value": Text("不允许的值", "Value that is not allowed"),
    "sequential-value": Text("序号不连续", "Out of sequence"),
    "ascii-value": Text("非 ASCII 字符", "Characters beyond ASCII"),
    "deviated-value": Text("偏离很大的值", "Value far from the others"),
    "deviated-cell": Text("长度异常的单元格", "Cell of unusual length"),
    "required-value": Text("缺必有的值", "Value that must be there is missing"),
    "table-dimensions": Text("表的大小不符", "Size of the table differs"),
    "scale-error": Text("数量级不符", "Wrong order of magnitude"),
    "range-error": Text("超出范围", "Out of range"),
    "offset-error": Text("时间偏移不符", "Wrong offset"),
    "identifier-error": Text("编号校验不过", "Identifier fails its check"),
    "personal-data": Text("像是个人信息", "Looks like personal data"),
    "rule-broken": Text("规则本身有误", "A rule that cannot be applied"),
    "not-a-table": Text("不是表格", "Not a table"),
    "reference-unavailable": Text("被引用的数据尚未发布", "What is referred to is not online"),
    "reference-unknown": Text("引用的数据不存在", "What is referred to is not known"),
    "reference-type": Text("引用两端类型不同", "Reference between two types"),
    "schema-contradiction": Text("规则互相矛盾", "Rules that contradict each other"),
    "title-missing": Text("缺标题", "Title missing"),
    "description-missing": Text("缺说明", "Description missing"),
    "unit-missing": Text("缺单位", "Unit missing"),
    "example-missing": Text("缺示例", "Example missing"),
    "licence-missing": Text("缺许可", "Licence missing"),
    "source-missing": Text("缺来源", "Source missing"),
    "steward-missing": Text("缺负责处室", "Steward missing"),
    "theme-missing": Text("缺主题", "Theme missing"),
    "frequency-missing": Text("缺更新周期", "Update frequency missing"),
    "caveat-missing": Text("缺使用须知", "Caveat missing"),
    "caveat-untranslated": Text("使用须知缺译文", "Caveat not translated"),
    "resource-missing": Text("没有数据表", "No table"),
    "schema-missing": Text("缺字段说明", "Columns not described"),
    "contact-missing": Text("缺联系方式", "Contact missing"),
    "too-many-columns": Text("字段太多", "Too many columns"),
    "columns-alike": Text("字段名太相近", "Columns named alike"),
    "address-wrong": Text("网址有误", "Address is wrong"),
    "email-wrong": Text("邮箱有误", "E-mail address is wrong"),
    "todo-left": Text("留有未填之处", "A TODO is left"),
    "resource-gone": Text("少了一张表", "A table is gone"),
    "resource-new": Text("多了一张表", "A new table"),
    "column-gone": Text("少了一列", "A column is gone"),
    "column-new": Text("多了一列", "A new column"),
    "column-retyped": Text("列的类型变了", "A column changed its type"),
    "row-count-drift": Text("行数变化异常", "Unusual change in rows"),
    "fill-rate-drift": Text("空值比例变化异常", "Unusual change in empty cells"),
    "category-gone": Text("少了一种取值", "A category is gone"),
    "category-new": Text("多了一种取值", "A new category"),
    "category-share-drift": Text("取值占比变化异常", "Unusual change in shares"),
    "magnitude-drift": Text("数值大小变化异常", "Unusual change in size"),
    "latest-date-drift": Text("最新日期异常", "Unusual latest date"),
}


_FILE = Text("请重新导出文件，保存为 UTF-8 的 CSV，再提交。", "Export the file again, as CSV in UTF-8, and hand it in.")
_BOOK = Text("请在工作簿中改正，或改交 CSV。", "Mend it in the workbook, or hand in CSV.")
_HEADER = Text("请使表头与说明中的列名一致。", "Make the header name the columns that the descriptor names.")
_ROW = Text("请使每行的格数与表头相同，删去空行。", "Give each row as many cells as the header, and drop blank rows.")
_VALUE = Text("请改正这些值，或改正说明中的规则。", "Correct these values, or the rule in the descriptor.")
_KEY = Text(
    "请去掉重复的行，或选用能区分各行的主键。", "Drop what stands twice, or choose a key that tells rows apart."
)
_REFERENCE = Text("请改正代码，或先发布被引用的数据。", "Correct the codes, or publish first what they refer to.")
_LOST = Text(
    "请从原系统重新导出，不要经电子表格改存。", "Export it again from its system, not by way of a spreadsheet."
)
_PERSONAL = Text("请删去个人信息，再提交。", "Remove what is personal, and hand it in again.")
_WORDS = Text("请在描述文件中补上。", "Add it to the descriptor.")
_DRIFT = Text("请核对与上一版本的差别是否属实。", "See whether the difference from the release before is real.")
_MEND_DESCRIPTOR = Text("请改正描述文件。", "Mend the descriptor.")
_REMEDIES: Mapping[str, Text] = {
    **dict.fromkeys(("source-error", "record-too-long", "unclosed-quote", "zero-bytes", "format-error"), _FILE),
    **dict.fromkeys(("encoding-error", "encoding-doubtful", "text-error", "compression-error", "not-a-table"), _FILE),
    **dict.fromkeys(("several-sheets", "hidden-sheet", "hidden-cells", "merged-cells"), _BOOK),
    **dict.fromkeys(("error-cell", "formula-empty"), _BOOK),
    **dict.fromkeys(("blank-header", "unmatched-header", "extra-label", "missing-label"), _HEADER),
    **dict.fromkeys(("blank-label", "duplicate-label", "incorrect-label", "field-count"), _HEADER),
    **dict.fromkeys(("blank-row", "extra-cell", "missing-cell"), _ROW),
    **dict.fromkeys(("type-error", "constraint-error", "row-constraint", "scale-error", "range-error"), _VALUE),
    **dict.fromkeys(("forbidden-value", "required-value", "identifier-error", "offset-error"), _VALUE),
    **dict.fromkeys(("unique-key", "primary-key", "unique-error", "duplicate-row", "key-published"), _KEY),
    **dict.fromkeys(("foreign-key", "reference-unavailable", "reference-unknown", "reference-type"), _REFERENCE),
    **dict.fromkeys(("digits-lost", "digits-shortened", "truncated-value"), _LOST),
    "personal-data": _PERSONAL,
    **dict.fromkeys((code for code in _NAMES if code.endswith("-drift")), _DRIFT),
    **dict.fromkeys((code for code in _NAMES if code.endswith("-missing")), _WORDS),
}


def finding_remedy(code: str) -> Text:
    """What to do about a finding, in a sentence; what has no words of its own is to be mended in the descriptor."""
    if code in _REMEDIES:
        return _REMEDIES[code]
    return _MEND_DESCRIPTOR if code not in _NAMES and code.endswith("error") else _VALUE


def finding_name(code: str) -> Text:
    """What a finding is called; a code that is not known here calls itself, those of descriptors go together."""
    if code in _NAMES:
        return _NAMES[code]
    return _DESCRIPTOR if code.endswith("error") else Text(code, code)


def rewrite_name(code: str) -> Text:
    """What was spelled anew, by a code of conversion.RULES."""
    return RULES[code].words if code in RULES else Text(code, code)
