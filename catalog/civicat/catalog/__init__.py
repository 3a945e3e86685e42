"""From releases to an index, pages and APIs: Datasette, with our own pages around it.

index.build_index   releases -> a new build of the index, swapped in
serve.serve         the site; serve.make is its ASGI application
"""
