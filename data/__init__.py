"""Facts, no logic: the source registry, the organisations and the lexicons.

`FOLDER` is where they lie; the loaders that read and check them live beside the code that uses them
(`spiders.registry`, `nlp.lexicon`, `nlp.gazetteer`).
"""

from pathlib import Path

FOLDER = Path(__file__).parent
