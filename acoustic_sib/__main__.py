"""`python -m acoustic_sib` is the command line."""

from acoustic_sib.cli import main

main()
