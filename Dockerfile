# The image holds the locked runtime environment and Millrace as an installed package.
#   docker build --tag millrace .
#   docker run --rm --volume "$PWD:/workspace" millrace run configs/taxi.yaml

ARG PYTHON_IMAGE=python:3.10-slim

FROM ${PYTHON_IMAGE} AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The versions before the code: a change of code then reuses this layer.
COPY requirements.in requirements.lock ./
COPY scripts ./scripts
RUN scripts/make-environment /opt/millrace runtime
COPY . .
RUN /opt/millrace/bin/python -m pip install --no-deps --no-build-isolation --no-cache-dir .

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/millrace /opt/millrace
COPY configs /workspace/configs
COPY schema /workspace/schema
ENV PATH=/opt/millrace/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TF_CPP_MIN_LOG_LEVEL=3 \
    TF_USE_LEGACY_KERAS=0
RUN useradd --create-home --uid 1000 millrace && chown millrace /workspace
USER millrace
WORKDIR /workspace
ENTRYPOINT ["millrace"]
