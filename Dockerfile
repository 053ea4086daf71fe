# SPDX-License-Identifier: Apache-2.0
# docker build -t email-intel-imap .
#
# The programs, built on Debian 13, and an image of nothing but them and what they load; and a stage
# of tests, which is built where it is asked for: docker build --target tests .
# Nothing is downloaded but Debian packages.
ARG BASE=docker.io/library/debian:trixie-slim

FROM ${BASE} AS build
WORKDIR /source
# What the archive held: another value installs the packages anew.
ARG ARCHIVE=unknown
COPY tools/bootstrap tools/packages.txt tools/
RUN : "${ARCHIVE}" && apt-get update -qq && apt-get install -qq -y --no-install-recommends ca-certificates \
	&& tools/bootstrap build && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY include include
COPY src src
COPY docs/email-intel-imap.1 docs/
COPY config.ini.sample ./
COPY deploy/systemd deploy/systemd
COPY deploy/debian deploy/debian
COPY deploy/bash-completion deploy/bash-completion
COPY deploy/image deploy/image
RUN cmake --preset release -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBEXECDIR=libexec \
	&& cmake --build --preset release \
	&& DESTDIR=/programs cmake --install build/release --strip

FROM build AS tests
RUN : "${ARCHIVE}" && apt-get update -qq && tools/bootstrap units && rm -rf /var/lib/apt/lists/*
COPY . .
RUN deploy/image/tests

FROM build AS root
ARG VERSION=2.0.0
ARG SOURCE_DATE_EPOCH=0
RUN deploy/image/root /programs /image \
	&& deploy/image/sbom /image "${VERSION}" "${SOURCE_DATE_EPOCH}"

FROM scratch
ARG VERSION=2.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
COPY --from=root /image/ /
LABEL org.opencontainers.image.title="email-intel-imap" \
      org.opencontainers.image.description="OpenCTI connector: every mail of an IMAP folder becomes one report" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="scratch"
ENV PATH=/usr/bin LANG=C.UTF-8
# config.ini and .env are read here where they are mounted; the environment alone is enough.
WORKDIR /etc/email-intel-imap
USER 65532:65532
EXPOSE 9095
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
	CMD ["email-intel-imap", "health"]
ENTRYPOINT ["email-intel-imap"]
