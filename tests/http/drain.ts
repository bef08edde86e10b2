import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Service, startService } from '../support/service.js'

const head = 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n'

async function listening(t: Test): Promise<Service & { port: number; url: string }> {
  const service = await startService(t)
  await service.app.listen({ port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  return { ...service, port, url: `http://127.0.0.1:${port}` }
}

/** A connection on which half a request has arrived. */
async function halfRequest(t: Test, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  socket.write(`${head}{`)
  await setTimeout(100)
  return socket
}

t.test('a client that went away in the middle of its body is not waited for', async (t) => {
  const { app, port } = await listening(t)
  const socket = await halfRequest(t, port)
  socket.destroy()
  await setTimeout(200)
  const started = Date.now()
  await app.close()
  t.ok(Date.now() - started < 1_500, 'not until the time for draining is over')
})

t.test('from the moment of closing not ready, and what was under way is answered', async (t) => {
  const { app, port, url } = await listening(t)
  t.equal((await fetch(`${url}/readyz`)).status, 200)
  const socket = await halfRequest(t, port)
  let answer = ''
  socket.on('data', (data: Buffer) => (answer += data.toString()))
  const closed = app.close()
  const ready = await fetch(`${url}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { status: 'closing', store: { state: 'open' }, models: { served: 7 } })
  t.equal((await fetch(`${url}/livez`)).status, 200)
  socket.write('}')
  await once(socket, 'end')
  t.match(answer, /^HTTP\/1\.1 422 [\s\S]*connection: close[\s\S]*not-enough-history/i, 'no candles were sent, and none are stored')
  await closed
})
