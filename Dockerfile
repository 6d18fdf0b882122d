ARG PYTHON_IMAGE=python:3.13-slim
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# The dependencies first: this layer stays while only the project changes.
COPY constraints/build.txt constraints/serve.txt constraints/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --quiet --require-hashes -r constraints/build.txt \
    && python -m venv --without-pip /opt/mockserver \
    && /opt/build/bin/pip --python /opt/mockserver/bin/python install --quiet --require-hashes -r constraints/serve.txt

COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY LICENSES LICENSES
COPY mockserver mockserver
COPY specs specs
COPY fixtures fixtures
RUN /opt/build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
    && /opt/build/bin/pip --python /opt/mockserver/bin/python install --quiet --no-deps --no-index /tmp/wheel/*.whl

FROM ${PYTHON_IMAGE}
# The commit and its time are known to whoever builds: `make image` adds both.
ARG PYTHON_IMAGE
LABEL org.opencontainers.image.title="mockserver" \
    org.opencontainers.image.description="Turns an OpenAPI document into a server that validates, remembers, and fails on demand." \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.licenses="MIT AND Apache-2.0" \
    org.opencontainers.image.authors="The mockserver authors" \
    org.opencontainers.image.base.name="${PYTHON_IMAGE}"
COPY --from=build /opt/mockserver /opt/mockserver
# Nothing is written at run time, so the root file system may be read-only; the bytecode was compiled above.
ENV PATH="/opt/mockserver/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A number, so that an orchestrator can see that this is not root.
USER 10001:10001
# Hosts of containers say in PORT where the server is to listen; its health is asked there too.
ENV PORT=4010
EXPOSE 4010
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/__admin/health', timeout=2)"]
# `docker run IMAGE ARGUMENT ...` adds arguments to `mockserver serve`. The control API of a server that listens beyond
# loopback wants a token (MOCKSERVER_ADMIN_TOKEN or --admin-token) for everything but its health. The shell gives its
# place to the server, which so receives the signals of `docker stop`.
ENTRYPOINT ["/bin/sh", "-c", "exec mockserver serve --host 0.0.0.0 --port \"$PORT\" \"$@\"", "mockserver"]
