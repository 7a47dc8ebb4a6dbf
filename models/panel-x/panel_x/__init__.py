"""Cross-attention sibling of panel: its generator, encoder and training modules are used as they are."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "panel"))
