"""What each documented API means: one module an API, with the same name as its spec and its fixtures."""

from mockserver.engine.api import Api
from mockserver.vendors import botsubscription, spotzee, vivoldi, xqr

APIS: dict[str, Api] = {api.name: api for api in (xqr.API, botsubscription.API, vivoldi.API, spotzee.API)}
