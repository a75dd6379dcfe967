# The node in a container, and raftlocks, the operator's command line: docker build -t raftlocks-node .
# Data lives in /data (a volume); the settings are environment variables, see docker-compose.yml. Nothing else is written:
# it runs with a read-only root (docker run --read-only) and as any user that owns /data.
#
# The build sees no repository. What it is made of it is told: --build-arg VERSION=0.2.0 --build-arg COMMIT=$(git rev-parse HEAD)

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG VERSION
ARG COMMIT
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src src
# Compiled ahead of time for this machine: a start has less to compile.
RUN publish() { \
      dotnet publish "src/$1" -c Release -o "$2" --nologo --use-current-runtime --self-contained false \
        -p:PublishReadyToRun=true ${VERSION:+-p:Version=$VERSION} ${COMMIT:+-p:SourceRevisionId=$COMMIT}; \
    } \
 && publish Node /app \
 && publish Cli /cli \
 && printf '#!/bin/sh\nexec dotnet /cli/raftlocks.dll "$@"\n' > /cli/raftlocks \
 && chmod 755 /cli/raftlocks

FROM mcr.microsoft.com/dotnet/aspnet:10.0
ARG VERSION
ARG COMMIT
LABEL org.opencontainers.image.title="RaftLocks" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
WORKDIR /app
COPY --from=build /app .
COPY --from=build /cli /cli
COPY deploy/image/healthcheck /usr/local/bin/healthcheck
RUN ln -s /cli/raftlocks /usr/local/bin/raftlocks \
 && mkdir /data && chown "$APP_UID" /data
VOLUME /data
# The base image's own default address would only be reported as overridden. The runtime's debugging sockets would want
# a /tmp that can be written to.
ENV ASPNETCORE_HTTP_PORTS= \
    DOTNET_EnableDiagnostics=0 \
    RAFTLOCKS_LISTEN=http://0.0.0.0:9009 \
    RAFTLOCKS_DATA=/data
EXPOSE 9009 7009
USER $APP_UID
# Alive, not ready: a node without a quorum gains nothing from a restart.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["healthcheck", "/health/live"]
ENTRYPOINT ["dotnet", "raftlocks-node.dll"]
