"""Loads the served APIs with their documents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mockserver.engine.answers.nearest_operations import miss_advice
from mockserver.engine.api import Api
from mockserver.engine.service import Service, Settings
from mockserver.engine.steps.credentials import Credentials, read_credentials
from mockserver.engine.steps.security_schemes import CHECK
from mockserver.openapi.model.document import Document, load
from mockserver.problem import Unusable
from mockserver.server.loading.api_files import files_of_api, load_api
from mockserver.server.loading.assumed_file import assumed_of
from mockserver.server.loading.completed_api import completed
from mockserver.server.loading.selection import Selection, files_of, select
from mockserver.server.loading.user_handlers import with_files
from mockserver.server.serve_options import Options


def load_services(options: Options, kind: type[Service] = Service) -> dict[str, Service]:
    """The APIs by name, each with its document. Raises Unusable."""
    selection = select(options.apis)
    _refuse_unknown(assumed_of(options.assume_from, options.assume, selection), selection)
    files_of("--overlay", options.overlays, selection)
    files_of("--handlers", options.handlers, selection)
    return {name: load_service(name, selection, options, kind) for name in selection}


def load_service(name: str, selection: Selection, options: Options, kind: type[Service] = Service) -> Service:
    """Loads a bundled API, a folder or a document, with overlays and the user's handlers. Raises Unusable."""
    files, overlays = files_of_api(name, selection[name]), files_of("--overlay", options.overlays, selection)
    assumed = _assumed(assumed_of(options.assume_from, options.assume, selection), name)
    settings = Settings(options.enforce_limits, options.errors, assumed, options.cors)
    api = load_api(name, files)
    root = Path(options.root) if options.root and not files.is_bundled else None
    spec = load(files.document, name, api.edits(assumed), overlays.get(name, ()), root)
    if not files.is_bundled:
        api = completed(api, _described(spec, options), spec, files.code)
    handlers = files_of("--handlers", options.handlers, selection).get(name, ())
    changed = with_files(api, spec, handlers)
    user_code = frozenset(
        key
        for key, handler in changed.handlers.items()
        if files.code is not None or handler is not api.handlers.get(key)
    )
    service = kind(changed, spec, settings, user_code)
    service.advise = partial(miss_advice, service)
    return service


def _described(spec: Document, options: Options) -> Api:
    # Imported here, since importing the generators takes time.
    from mockserver.resources.described import DescribedOptions, described_api

    known = _credentials(options)
    if known is not None:
        _refuse_unknown_schemes(known, spec, options)
    return described_api(
        spec, DescribedOptions(options.dynamic, options.seed, options.state, options.security, known, options.seeds)
    )


def _credentials(options: Options) -> Credentials | None:
    """The credentials of the file, if they are to be checked."""
    if options.security == CHECK:
        if not options.credentials:
            raise Unusable("--security check needs --credentials FILE, which says whom it knows")
        return read_credentials(Path(options.credentials))
    if options.credentials:
        raise Unusable(f"--credentials {options.credentials}: only --security check asks for them")
    return None


def _refuse_unknown_schemes(known: Credentials, spec: Document, options: Options) -> None:
    """Refuses credentials for a scheme that no document declares; a file may serve several documents."""
    schemes = spec.document.get("components", {}).get("securitySchemes", {})
    strange = {credential.scheme for credential in known.values()} - {"", *schemes}
    if strange and len(options.apis) == 1:
        listed = ", ".join(schemes) or "none"
        message = f"{', '.join(sorted(strange))} is no security scheme of {spec.name}; it has {listed}"
        raise Unusable(message, where=options.credentials)


def _refuse_unknown(assume: Mapping[str, str], selection: Selection) -> None:
    for name in assume:
        if name.partition(".")[0] not in selection:
            raise Unusable(
                f"--assume {name}: expected api.name=option, with an API that is served: {', '.join(selection)}"
            )


def _assumed(assume: Mapping[str, str], api: str) -> dict[str, str]:
    return {name.removeprefix(f"{api}."): option for name, option in assume.items() if name.startswith(f"{api}.")}
