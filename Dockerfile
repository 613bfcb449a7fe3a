# `make image` builds this. docs/adr/0020-image.md gives the reasons.
# The image uses only Node of the base, and programs and libraries of the build base's Debian. Nothing of
# another architecture runs while it is built.
ARG BASE=node:24-trixie-slim
ARG BUILD_BASE=${BASE}
FROM ${BASE} AS node

FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS collected
ARG TARGETARCH
COPY --from=node /usr/local/bin/node /usr/local/LICENS[E] /tmp/node/
COPY image/collect /tmp/
RUN /tmp/collect /collected "$TARGETARCH" /tmp/node

# The programs without podrole, as a layer that other images can share.
FROM scratch AS programs
COPY --from=collected /collected /

FROM programs
COPY image/podrole /usr/local/bin/
COPY image/package.json dist/*.js* /usr/lib/podrole/
COPY dist/chunks/ /usr/lib/podrole/chunks/
COPY LICENSE dist/documents/ /usr/share/doc/podrole/
USER 65532:65532
ENTRYPOINT ["podrole"]
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin
ARG VERSION
ARG REVISION
ARG SOURCE
LABEL org.opencontainers.image.title="podrole" \
      org.opencontainers.image.description="An AWS IAM role for every Kubernetes pod, on any cluster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
