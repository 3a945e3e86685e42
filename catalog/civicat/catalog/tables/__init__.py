"""The tables themselves: Parquet as Datasette databases, the questions that are asked of them, and their cells."""
