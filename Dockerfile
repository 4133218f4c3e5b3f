# The log server, for a PostgreSQL of its own (DATABASE_URL): the embedded one is left out, as a container's database has no
# business in the container of what it serves. See docs/operating.md.
#
#   docker build -t assent-log .
#   docker run -v assent-log:/var/lib/assent-log -p 127.0.0.1:6962:6962 \
#     -e ASSENT_ORIGIN=log.example.com/approvals -e ASSENT_DEFAULT_VISIBILITY=open \
#     -v /etc/assent-log:/run/secrets:ro -e DATABASE_URL_FILE=/run/secrets/database-url \
#     -e ASSENT_LOG_KEY_PASSPHRASE_FILE=/run/secrets/log-key-passphrase assent-log
FROM node:20-bookworm-slim AS build
WORKDIR /src
# First what changes seldom, so that a change of the sources does not fetch the dependencies again.
COPY package.json package-lock.json ./
COPY verifier/package.json verifier/
COPY migrations/package.json migrations/
COPY log-server/package.json log-server/
COPY client/package.json client/
COPY cli/package.json cli/
COPY test-support/package.json test-support/
COPY test-vectors/package.json test-vectors/
RUN npm ci
COPY . .
RUN npm run build
# What the server needs to run, and nothing else.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --workspace=@assent/log-server --workspace=@assent/migrations --workspace=@assent/verifier

FROM node:20-bookworm-slim
ENV NODE_ENV=production \
    ASSENT_HOST=0.0.0.0 \
    ASSENT_DATA_DIR=/var/lib/assent-log
WORKDIR /opt/assent
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/verifier/package.json verifier/
COPY --from=build /src/verifier/dist verifier/dist
COPY --from=build /src/migrations/package.json migrations/
COPY --from=build /src/migrations/dist migrations/dist
COPY --from=build /src/log-server/package.json log-server/
COPY --from=build /src/log-server/bin log-server/bin
COPY --from=build /src/log-server/dist log-server/dist
# Log key and fork guard: a volume that outlives the container, and belongs to it alone.
RUN install -d -o node -g node -m 0711 /var/lib/assent-log
VOLUME /var/lib/assent-log
USER node
EXPOSE 6962
# Alive, not ready: while the database is away a restart would help nobody.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ASSENT_PORT || 6962}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=32", "/opt/assent/log-server/bin/assent-log.js"]
CMD ["serve"]
