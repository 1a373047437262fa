"""Running a compiled deal: on one expected path (`single`), or on many simulated ones (`many`)."""
