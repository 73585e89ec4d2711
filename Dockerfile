# The linter in an image: small, without root, and with a read-only root filesystem.
#
#     docker run --rm --read-only --volume "$PWD:/work:ro" IMAGE
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/ecs5lint \
  && /opt/ecs5lint/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt . \
  && /opt/ecs5lint/bin/pip uninstall --yes pip

FROM python:3.13-slim
COPY --from=build /opt/ecs5lint /opt/ecs5lint
ENV PATH="/opt/ecs5lint/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["ecs5lint"]
