"""The bundled sample: the lecture's words and sentences, and notes of our own."""

from pathlib import Path

FOLDER = Path(__file__).parent
WORDS, SENTENCES, NOTES = FOLDER / "words.txt", FOLDER / "sentences.txt", FOLDER / "notes"
