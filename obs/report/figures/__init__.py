"""Turn released tables into blocks: charts, maps and tables with their texts and data files."""
