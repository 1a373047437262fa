"""What a structurer reads: results as rich renderables, one file per view."""
