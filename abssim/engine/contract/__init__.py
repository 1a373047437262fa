"""What contracts owe: instalments, schedules, their sums over groups of loans."""
