"""Values from schemas: plain ones from a document's examples, believable ones from chance; valid, or Impossible."""

from mockserver.generate.generator import Generator, Made
from mockserver.generate.options import Impossible
from mockserver.generate.random_stream import SeedKey

__all__ = ["Generator", "Impossible", "Made", "SeedKey"]
