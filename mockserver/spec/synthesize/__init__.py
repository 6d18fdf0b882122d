"""Values from schemas: plain ones from a document's examples, believable ones from chance; valid, or Impossible."""

from mockserver.spec.synthesize.attempt import Impossible
from mockserver.spec.synthesize.stream import Stream
from mockserver.spec.synthesize.synthesizer import Made, Synthesizer

__all__ = ["Impossible", "Made", "Stream", "Synthesizer"]
