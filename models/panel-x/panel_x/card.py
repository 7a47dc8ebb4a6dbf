"""Writes the outcomes of evaluate.mjs into this model's card, as panel's card.py does into panel's."""

from training import card

from .export import FOLDER


def main():
    """Takes the arguments of panel's card.py."""
    card.FOLDER = FOLDER
    card.main()


if __name__ == "__main__":
    main()
