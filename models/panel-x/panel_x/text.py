"""Questions without a picture: panel's, but for those about sounds and clips, which this model lacks.

Usage: python -m panel_x.text FOLDER writes them to FOLDER/questions.jsonl.
"""

import json
import pathlib
import sys

from generator.text import every

_BEYOND = ("I hear", "I see what moves")


def text_questions():
    """All records (family, question, answer)."""
    return [record for record in every() if not record[2].startswith(_BEYOND)]


def main():
    """Writes the questions as evaluate.mjs reads them."""
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as lines:
        for family, question, answer in text_questions():
            record = {"media": [], "family": family, "question": question, "answer": answer}
            lines.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
