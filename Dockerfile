# syntax=docker/dockerfile:1

# Build: all dependencies, the WebAssembly module and the compiled service.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json bundle.js ./
COPY packages packages
COPY src src
RUN npm ci && npm prune --omit=dev --ignore-scripts

# Run: only what serving needs, as a user that owns nothing but its data.
FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    BARCAST_HOST=0.0.0.0 \
    BARCAST_DATABASE=/data/barcast.duckdb
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/packages/lightgbm-wasm/package.json packages/lightgbm-wasm/
COPY --from=build /app/packages/lightgbm-wasm/dist packages/lightgbm-wasm/dist
COPY --from=build /app/dist dist
COPY openapi/openapi.json openapi/openapi.json
COPY examples/models examples/models
RUN mkdir /data && chown node:node /data
# numeric, so that an orchestrator can see that it is not root; 1000 is the image's `node`
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--v8-pool-size=1", "dist/main.js"]
