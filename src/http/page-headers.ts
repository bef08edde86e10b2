/** Headers of pages as the OpenAPI document describes them. */
export const pageHeaders = {
  etag: { type: 'string', description: 'Weak entity tag; send it as If-None-Match.' },
  link: { type: 'string', description: 'The next page, rel="next"; absent on the last.' },
} as const
