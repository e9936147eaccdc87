#!/usr/bin/env python
"""Django's command line for Scorecard."""

import io
import os
import sys


def main() -> None:
    """Run a management command under the development settings unless told otherwise."""
    # Results go to one stream and errors to the other. Line by line they keep their order in a pipe or a file as well.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scorecard.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
