"""What the past says: roll rates, hazards, timing and correlation from performance data, as a scenario."""
