"""How cash flows are computed: numba kernels over arrays. Knows indices, not names; never raises."""
