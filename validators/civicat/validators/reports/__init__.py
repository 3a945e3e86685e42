"""A report in formats that people take away: one HTML page, and a workbook with the cells to mend marked.

kinds.py      findings of one kind in one column, told once; in the order in which they are best mended
words.py      what page and workbook say beside the findings
page.py       Report -> one HTML file: page.html.jinja, page.css
figure.py     where the findings of a table are, drawn
excerpt.py    the first places of a finding, quoted from the file
workbook.py   Report, Dataset -> an xlsx: the sheet as handed in, and a summary before it
sheets.py     how its sheets are written
marks.py      findings -> which cells of a sheet to mark, and what their comments say
records.py    the records of a resource as they stand in its file
cells.py      any value -> a cell of a workbook that shows it as it is and runs nothing
summary.py    the first sheet of the workbook
ours.py       which files are reports of ours, that may be written over
"""
