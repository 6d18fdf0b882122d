"""Made-up values are of what has them: by the name of the member, and by what the schema is called."""

import re

import pytest

from mockserver.generate.texts.catalogue import COUNTRIES

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


THINGS = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {$ref: "#/components/schemas/Things"}}}}
components:
  schemas:
    Things:
      type: object
      properties:
        article: {$ref: "#/components/schemas/Article"}
        customer: {$ref: "#/components/schemas/Customer"}
        flight: {$ref: "#/components/schemas/Flight"}
        issue: {type: object, properties: {state: {type: string}}}
        site: {type: object, properties: {state: {type: string}, city: {type: string}}}
        patient: {type: object, properties: {blood_type: {type: string}, heart_rate: {type: integer}}}
        card: {type: object, properties: {number: {type: string}, cvc: {type: string}, exp_year: {type: integer}}}
    Article: {type: object, properties: {slug: {type: string}, title: {type: string}}}
    Customer:
      type: object
      properties:
        email: {type: string, format: email}
        firstName: {type: string}
        last_name: {type: string}
        username: {type: string}
    Flight:
      type: object
      properties:
        arrival_time: {type: string, format: date-time}
        departure_time: {type: string, format: date-time}
        origin: {type: string}
"""


@pytest.fixture
def things(serve):
    """What is made up of several domains."""
    return serve(THINGS, state=False, dynamic=True).get("/things").json()


def test_members_follow_from_each_other(things):
    """Slugs from titles, addresses of mail and logins from names, arrivals from departures."""
    article, customer, flight = things["article"], things["customer"], things["flight"]
    first, last = (re.sub("[^a-z]", "", customer[name].lower()) for name in ("firstName", "last_name"))

    assert article["slug"] == "-".join(re.findall("[a-z]+", article["title"].lower()))
    assert re.sub("[^a-z@.]", "", customer["email"]).startswith(f"{first}.{last}@example.")
    assert customer["username"] == first + last
    assert flight["departure_time"] < flight["arrival_time"]


def test_values_are_of_the_domain_of_what_has_them(things):
    """A state is that of an issue, or a region beside a city."""
    assert things["flight"]["origin"] in {"FRA", "JFK", "AMS", "MAD", "LHR", "SFO", "NRT", "SYD"}
    assert things["issue"]["state"] in {"open", "closed"}
    assert re.fullmatch("[A-Z]{2}", things["site"]["state"])
    assert re.fullmatch("(A|B|O|AB)[+-]", things["patient"]["blood_type"])
    assert 50 < things["patient"]["heart_rate"] < 100
    assert re.fullmatch(r"4\d{12,18}", things["card"]["number"])
    assert re.fullmatch(r"\d{3}", things["card"]["cvc"])
    assert things["card"]["exp_year"] > 2027
