"""The checks that every release has passed: what the home page and /about say of them."""

from __future__ import annotations

from dataclasses import dataclass

from civicat.text import Text


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, three or four words, and the whole of it with the reason."""

    code: str
    name: Text
    brief: Text
    what: Text
    why: Text


CHECKS = (
    Check(
        "bytes",
        Text("字节", "Bytes"),
        Text("编码、大小、哈希", "encoding, size, hash"),
        Text(
            "按写明的编码读完文件的每一个字节，无法解码的字节连同位置报告出来；记下大小和 sha256。",
            "The file is read to its last byte in the encoding that it states. A byte that cannot be decoded is "
            "reported with its place. Size and sha256 are kept.",
        ),
        Text("乱码的汉字和残缺的文件不会流传下去。", "Garbled characters and files cut short go no further."),
    ),
    Check(
        "shape",
        Text("结构", "Shape"),
        Text("逐行逐格", "every row, every cell"),
        Text(
            "表头须与说明一致；每行的格数与表头相同，没有空行、没有重复的列名。",
            "The header says what the descriptor says. Each row has as many cells as the header; no row is blank, "
            "no column name stands twice.",
        ),
        Text("错位的一列会让整张表说谎。", "One column out of step makes the whole table lie."),
    ),
    Check(
        "types",
        Text("类型", "Types"),
        Text("日期、数字、代码", "dates, numbers, codes"),
        Text(
            "每一格都读成该列的类型，并核对必填、取值范围、格式和代码表。",
            "Each cell is read as its column’s type and held against the column’s rules: never empty, from least to "
            "most, written like this, one of these codes.",
        ),
        Text(
            "“2012-15-03”不是日期，“25,138.75 英镑”不是数字。", "“2012-15-03” is no date and “£25,138.75” is no number."
        ),
    ),
    Check(
        "keys",
        Text("关联", "Keys"),
        Text("包括跨部门的关联", "also across departments"),
        Text(
            "主键不重复、不为空；外键的每个值都在被引用的表中查到，被引用的表可以属于另一个部门。",
            "A key stands once and is never empty. Each value of a foreign key is looked up in the table that it "
            "refers to, also where another department publishes it.",
        ),
        Text("不同系统的数据能够关联，孤岛才会消失。", "Data of different systems can be joined: no more islands."),
    ),
    Check(
        "words",
        Text("文字", "Words"),
        Text("中文和英文", "in Chinese and English"),
        Text(
            "数据集、表和每个字段都有两种语言的标题和说明；数值列写明单位，每列有一个示例，"
            "数据集至少写明一条使用须知。",
            "The dataset, each table and each column have a title and a description in both languages. A number has a "
            "unit, each column an example, and the dataset at least one caveat.",
        ),
        Text("读不懂的数据等于没有公开。", "Data that nobody understands is not open."),
    ),
    Check(
        "licence",
        Text("许可", "Licence"),
        Text("写明可以怎样使用", "reuse is stated"),
        Text(
            "写明许可及其网址，并写明数据的来源。",
            "A licence with its address is stated, and the source of the figures.",
        ),
        Text("您无需询问就知道可以怎样使用。", "You know what you may do without asking."),
    ),
    Check(
        "steward",
        Text("责任", "Steward"),
        Text("负责部门和联系方式", "a desk, and how to reach it"),
        Text(
            "写明数据由谁负责、怎样联系，并写明更新周期和主题。",
            "It is stated who answers for the data and how to reach that desk; also how often it is updated.",
        ),
        Text("您知道该问谁。", "You know whom to ask."),
    ),
)
