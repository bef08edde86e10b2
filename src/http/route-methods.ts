import type { FastifyInstance } from 'fastify'

export interface RouteMethods {
  /** Methods that some route has on a path, in alphabetical order; none when no route has the path. */
  allowedOn(path: string): string[]
}

/** Remembers which methods each route has, so that a wrong one can be told from a wrong path. Call it before the routes are added. */
export function collectRouteMethods(app: FastifyInstance): RouteMethods {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: toPattern(url), methods: new Set<string>() }
    for (const name of [method].flat()) route.methods.add(name)
    routes.set(url, route)
  })
  return {
    allowedOn(path) {
      const methods = [...routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap((route) => [...route.methods])
      return [...new Set(methods)].sort()
    },
  }
}

/** `/models/:name` fits one segment, `/docs/static/*` everything below. */
function toPattern(url: string): RegExp {
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\*/g, '.*')
  return new RegExp(`^${source}$`)
}
