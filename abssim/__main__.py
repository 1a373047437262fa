"""`python -m abssim`."""

from abssim.cli.main import main

main()
