import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The least that a server can do with a body: read it and answer 200. */
const server = createServer((request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => response.end('{}'))
})
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`))
