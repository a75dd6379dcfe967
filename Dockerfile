# The node in a container, and raftlocks, the operator's command line: docker build -t raftlocks-node .
# Data lives in /data (a volume); the settings are environment variables, see docker-compose.yml.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src src
RUN dotnet publish src/Node -c Release -o /app --nologo \
 && dotnet publish src/Cli -c Release -o /cli --nologo \
 && printf '#!/bin/sh\nexec dotnet /cli/raftlocks.dll "$@"\n' > /cli/raftlocks \
 && chmod +x /cli/raftlocks

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
COPY --from=build /cli /cli
RUN ln -s /cli/raftlocks /usr/local/bin/raftlocks
RUN mkdir /data && chown "$APP_UID" /data
VOLUME /data
# The base image's own default address would only be reported as overridden.
ENV ASPNETCORE_HTTP_PORTS= \
    RAFTLOCKS_LISTEN=http://0.0.0.0:9009 \
    RAFTLOCKS_DATA=/data
EXPOSE 9009 7009
USER $APP_UID
# Alive, not ready: a node without a quorum gains nothing from a restart.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["dotnet", "raftlocks-node.dll", "healthcheck", "http://127.0.0.1:9009/health/live"]
ENTRYPOINT ["dotnet", "raftlocks-node.dll"]
