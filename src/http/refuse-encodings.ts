import { unsupportedMediaType } from './to-problem.js'

/**
 * Bodies are read in UTF-8, and not compressed.
 * @param accepted media types that the route takes
 * @throws Problem `unsupported-media-type`
 */
export function refuseEncodings(contentType: string, contentEncoding: string | undefined, accepted: readonly string[]): void {
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw unsupportedMediaType('Content-Encoding is not supported', accepted)
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase()
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw unsupportedMediaType(`The charset ${charset.slice(0, 40)} is not supported`, accepted)
  }
}
