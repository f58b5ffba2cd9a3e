# One image for every node of a pipeline, and for the command line.
#   make image                                                  (builds it and tries it)
#   docker run --rm --volume "$PWD:/workspace" millrace:dev run configs/taxi.yaml
#
# Behind a mirror (needs BuildKit, the default since Docker 23; before, DOCKER_BUILDKIT=1):
#   --build-arg PYTHON_IMAGE=mirror/python:3.10-slim    the base image
#   --build-arg INDEX_URL=https://mirror/simple         the package index
#   --secret id=netrc,src=$HOME/.netrc                  its password, kept out of the image
#   --secret id=ca-certificates,src=bundle.pem          the authorities to trust meanwhile

ARG PYTHON_IMAGE=python:3.10-slim

# What Millrace needs, as the lock says. Changes of code reuse this stage as it is.
FROM ${PYTHON_IMAGE} AS environment
# The compiler is Debian's newest: it builds a few packages whose sources the lock pins.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY requirements.in requirements.lock ./
COPY scripts/find-python scripts/make-environment scripts/
ARG INDEX_URL=https://pypi.org/simple
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=secret,id=ca-certificates \
    --mount=type=secret,id=netrc \
    export PIP_INDEX_URL="$INDEX_URL" UV_DEFAULT_INDEX="$INDEX_URL" UV_LINK_MODE=copy; \
    if [ -e /run/secrets/netrc ]; then export NETRC=/run/secrets/netrc; fi; \
    if [ -e /run/secrets/ca-certificates ]; then \
        export SSL_CERT_FILE=/run/secrets/ca-certificates PIP_CERT=/run/secrets/ca-certificates; \
    fi; \
    scripts/make-environment /opt/millrace runtime
COPY scripts/prune-environment scripts/
# Compiled now: whoever runs a node may not write here, and would compile at every start.
RUN scripts/prune-environment /opt/millrace \
    && /opt/millrace/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
        /opt/millrace/lib

# Millrace itself, as a package that lies where the environment will.
FROM environment AS package
COPY . .
RUN /opt/millrace/bin/python -m pip install --no-index --no-deps --no-build-isolation \
        --no-compile --prefix /package . \
    && /opt/millrace/bin/python -m compileall -q --invalidation-mode unchecked-hash /package

FROM ${PYTHON_IMAGE}
# /gcs, /minio and /s3 are where the launcher of Kubeflow Pipelines before 2.3 puts files;
# later ones bring a volume for each.
RUN useradd --create-home --uid 1000 millrace \
    && install --directory --owner=millrace --group=millrace \
        /workspace /mnt/millrace /gcs /minio /s3
COPY --from=environment /opt/millrace /opt/millrace
# The small layers last: a change of code pushes and pulls only these.
COPY --from=package /package /opt/millrace
COPY --chown=1000:1000 schema /workspace/schema
COPY --chown=1000:1000 configs /workspace/configs
# Modules of the project's own; tasks start in /workspace and find them there.
COPY --chown=1000:1000 own_parts /workspace/own_parts
ENV PATH=/opt/millrace/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TF_CPP_MIN_LOG_LEVEL=3 \
    TF_USE_LEGACY_KERAS=0
# There is no git in here, and models say which commit trained them.
ARG MILLRACE_COMMIT=
ENV MILLRACE_COMMIT=${MILLRACE_COMMIT}
# As a number, so that Kubernetes can see that it is not root (runAsNonRoot).
USER 1000:1000
WORKDIR /workspace
# `docker run millrace:dev doctor`. Orchestrators give a command of their own, which takes
# the entry point's place: python -m kubeflow.entrypoint --node Trainer …
ENTRYPOINT ["millrace"]
