"""``python -m quarterhour``: the command line."""

from quarterhour.cli.main import main

if __name__ == "__main__":
    main()
