"""Values without examples, of fields whose names say what they hold."""

import re

TOKENS = """
openapi: 3.1.0
info: {title: Tokens, version: "1"}
paths:
  /token:
    post:
      responses:
        "200":
          description: Granted.
          content:
            application/json:
              schema:
                type: object
                properties:
                  access_token: {type: string}
                  refreshToken: {type: string}
                  apiKey: {type: string, minLength: 40}
                  client_secret: {type: string, maxLength: 12}
                  token_type: {type: string}
                  expires_in: {type: integer}
                  expiresIn: {type: number, maximum: 600}
                  avatar_url: {type: string}
                  links: {type: array, minItems: 1, items: {type: object, properties: {href: {type: string}}}}
                  contactEmail: {type: string}
                  session_token: {type: string, pattern: "^st-[0-9]$"}
                  secret: {type: string, default: mine}
                  url: {type: string, enum: [/here]}
                  nickname: {type: string}
                  amount: {type: integer}
"""


def test_a_plain_value_is_what_its_name_says(serve):
    """Tokens are tokens, of the length that is asked for, addresses lead nowhere, and what expires does so later."""
    granted = serve(TOKENS, state=False).post("/token").json()

    assert re.fullmatch("[0-9a-f]{32}", granted["access_token"])
    assert re.fullmatch("[0-9a-f]{32}", granted["refreshToken"])
    assert granted["access_token"] != granted["refreshToken"]
    assert (len(granted["apiKey"]), len(granted["client_secret"])) == (40, 12)
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 3600)
    assert granted["avatar_url"] == "https://example.com/image.png"
    assert granted["links"] == [{"href": "https://example.com/"}]
    assert granted["contactEmail"] == "user@example.com"


def test_the_schema_goes_before_the_name(serve):
    """Its bounds, pattern, default and enum; a name that says nothing has the plainest value."""
    granted = serve(TOKENS, state=False).post("/token").json()

    assert re.fullmatch("st-[0-9]", granted["session_token"])
    assert (granted["secret"], granted["url"], granted["expiresIn"]) == ("mine", "/here", 600)
    assert (granted["nickname"], granted["amount"]) == ("string", 0)


def test_a_token_is_the_same_each_time(serve):
    """Without --dynamic nothing is left to chance."""
    tokens = serve(TOKENS, state=False)

    assert tokens.post("/token").json() == tokens.post("/token").json()


def test_what_expires_does_so_in_the_future(serve):
    """As a number, in milliseconds too, and as a text; what was issued is past."""
    answer = serve(
        """
        openapi: 3.0.3
        info: {title: Keys, version: "1"}
        paths:
          /keys:
            get:
              responses:
                "200":
                  description: One.
                  content:
                    application/json:
                      schema:
                        type: object
                        properties:
                          expires_at: {type: integer}
                          exp: {type: integer}
                          expiresAtMs: {type: integer}
                          valid_until: {type: string, format: date-time}
                          issued_at: {type: integer}
                          count: {type: integer}
        """,
        state=False,
    )

    assert answer.get("/keys").json() == {
        "expires_at": 4102444800,
        "exp": 4102444800,
        "expiresAtMs": 4102444800000,
        "valid_until": "2100-01-01T00:00:00Z",
        "issued_at": 1767225600,
        "count": 0,
    }
