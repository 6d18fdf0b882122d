"""Generates values from schemas: static ones from a document's examples, realistic ones from seeded random numbers.
Each is valid, or Impossible is raised.
"""

from mockserver.generate.generator import Generator, Made
from mockserver.generate.options import Impossible
from mockserver.generate.random_stream import SeedKey
from mockserver.generate.value_size import MOST_PARTS

__all__ = ["MOST_PARTS", "Generator", "Impossible", "Made", "SeedKey"]
