"""From tape to pool cash: cells, contract groups, hazards, populations, factor paths."""
