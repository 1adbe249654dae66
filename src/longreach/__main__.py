"""`python -m longreach` is the command line."""

import sys

from longreach.cli import main

if __name__ == "__main__":
    sys.exit(main())
