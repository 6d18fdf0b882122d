"""The bundled APIs by name: one package an API, named like its document and its fixtures."""

from mockserver.engine.api import Api
from mockserver.vendors.botsubscription.api import API as BOTSUBSCRIPTION
from mockserver.vendors.spotzee.api import API as SPOTZEE
from mockserver.vendors.vivoldi.api import API as VIVOLDI
from mockserver.vendors.xqr.api import API as XQR

APIS: dict[str, Api] = {api.name: api for api in (XQR, BOTSUBSCRIPTION, VIVOLDI, SPOTZEE)}
