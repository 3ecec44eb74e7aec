"""The commands, as `python -m copydesk`, and as the file that `spark-submit` is given."""

from copydesk.cli import main

if __name__ == "__main__":
    main()
