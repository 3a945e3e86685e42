"""The catalogue: from releases to an index, pages and files.

index/    releases -> a build of the index, swapped in; reader.py answers from it in frozen values (model.py)
search/   words, facets, place and time -> datasets; suggestions, near words, what is alike
joins/    columns of different datasets that share values or a code list
facts/    what the files of one release, and the record of hand-ins, say
tables/   Parquet as Datasette databases: questions, cells, keys
charts/   figures of a column or table -> SVG, PNG
files/    what is taken away: as published, or made when asked for
look/     languages' scripts, numbers, dates, Markdown, small pictures, tokens of the design
pages/    one module for each page, with a template, messages and a test of its name
app.py    one build as a Datasette with a closed list of routes
serve.py  the site of the build that is current, under requests; answers.py keeps pages
"""
