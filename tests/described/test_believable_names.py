"""Made-up values are of what has them: by the name of the member, and by what the schema is called."""

import re

import pytest

from mockserver.spec.synthesize.catalogue import COUNTRIES

WORLD = """
openapi: 3.1.0
info: {title: World, version: "1"}
paths:
  /world:
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {$ref: "#/components/schemas/World"}}}}
components:
  schemas:
    World:
      type: object
      properties:
        ProductResponse: {$ref: "#/components/schemas/ProductResponse"}
        visited: {$ref: "#/components/schemas/Country"}
        order: {type: object, properties: {number: {type: string}, title: {type: string}}}
        book: {$ref: "#/components/schemas/Book"}
        address: {$ref: "#/components/schemas/Address"}
        file: {type: object, properties: {sha256: {type: string}, md5: {type: string}, sha1: {type: string}}}
        car: {type: object, properties: {vin: {type: string}}}
    ProductResponse: {type: object, properties: {name: {type: string}}}
    Country: {type: object, properties: {name: {type: string}, code: {type: string}}}
    Address:
      type: object
      properties:
        country: {type: string}
        country_code: {type: string}
        countryCode: {type: string, minLength: 3, maxLength: 3}
    Book: {type: object, properties: {title: {type: string}, isbn: {type: string}}}
"""


@pytest.fixture
def world(serve):
    """What is made up of a world, without state and examples."""
    return serve(WORLD, state=False, dynamic=True).get("/world").json()


def test_a_country_and_its_codes_agree(world):
    """By the names of the members, and in a schema that is called so."""
    known = {country.name: country for country in COUNTRIES}
    address, visited = world["address"], world["visited"]

    assert address["country_code"] == known[address["country"]].alpha2
    assert address["countryCode"] == known[address["country"]].alpha3
    assert visited["code"] == known[visited["name"]].alpha2


def test_numbers_and_digests_are_of_their_forms(world):
    """Check digits are right."""
    isbn, vin = world["book"]["isbn"], world["car"]["vin"]

    assert sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(isbn)) % 10 == 0
    assert re.fullmatch("[A-HJ-NPR-Z0-9]{17}", vin)
    assert re.fullmatch("ORD-[0-9]{5}", world["order"]["number"])
    assert [len(world["file"][name]) for name in ("sha256", "md5", "sha1")] == [64, 32, 40]


def test_a_name_is_that_of_what_has_it(world):
    """A product is called as products are; a title is two words that go together."""
    product, title = world["ProductResponse"]["name"], world["book"]["title"]

    assert re.fullmatch("(Bamboo|Canvas|Ceramic|Cotton|Glass|Leather|Linen|Oak|Steel|Walnut|Wool|Marble) .+", product)
    assert re.fullmatch("[A-Z][a-z]+ [A-Z][a-z]+", title)
