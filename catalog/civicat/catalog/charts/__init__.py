"""Charts and maps of a release, drawn on the server as SVG, each with the figures that it shows.

columns     the columns of a table and what each is for           (columns.py)
asked       which chart, its address; those worth seeing          (asked.py, chosen.py)
plot        the figures of a chart, in no language                (plot.py, profiled.py, queries.py, shapes.py)
told        title, sentence, how it was computed, its table       (told.py, spelled.py)
drawing     a plot as paths and labels; as an SVG                 (drawing.py, layouts.py, maps.py, scales.py, svg.py)
studio      the child process: PNG, polygons                      (studio.py, child.py)
card        the picture of a release that other sites show        (card.py)
"""
