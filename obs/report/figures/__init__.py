"""From released tables to blocks: charts, maps and tables with their texts and data files."""
