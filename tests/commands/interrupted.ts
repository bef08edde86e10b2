import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startProcess } from '../support/server-process.js'
import { temporaryFolder } from '../support/temporary-folder.js'

/** Something that answers like barcast as far as it must, and then waits in the middle of its answer. */
async function stallingServer(t: Test) {
  const asked: ServerResponse[] = []
  const server = createServer((request, response) => {
    if (request.url === '/livez') return void response.setHeader('x-barcast-process', '1').end('{"status":"alive"}')
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"predictions":[')
    asked.push(response)
    server.emit('asked')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => once(server, 'asked'), responses: asked }
}

for (const words of [
  ['export', 'predictions', 'out.csv'],
  ['export', 'predictions', 'out.duckdb'],
  ['snapshot', 'out.duckdb'],
]) {
  t.test(`${words.join(' ')}, ended in the middle: no file of that name`, async (t) => {
    const folder = temporaryFolder(t)
    const { url, asked } = await stallingServer(t)
    const out = join(folder, words.at(-1)!)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
      const arrived = asked()
      const command = startProcess({}, [...words.slice(0, -1), out, '--url', url])
      await arrived
      command.child.kill(signal)
      const ended = await command.ended
      // What the tests run with may listen to signals too; then it is the exit code that shells show for one.
      t.ok(
        ended.signal === signal || ended.code === 128 + constants.signals[signal],
        `ends as ${signal} says: ${ended.code}, ${ended.signal}`,
      )
      if (signal !== 'SIGKILL') t.equal(ended.stderr, 'barcast: interrupted\n')
      const left = readdirSync(folder)
      if (signal === 'SIGKILL') t.notOk(left.includes(words.at(-1)!))
      else t.strictSame(left, [], 'nothing is left over')
    }
  })
}

t.test('an answer that is cut off leaves no file', async (t) => {
  const folder = temporaryFolder(t)
  const { url, asked, responses } = await stallingServer(t)
  for (const words of [['snapshot'], ['export', 'predictions']]) {
    const arrived = asked()
    const command = startProcess({}, [...words, join(folder, 'out.duckdb'), '--url', url])
    await arrived
    responses.at(-1)!.destroy()
    const { code, stderr } = await command.ended
    t.equal(code, 3)
    t.match(stderr, /^barcast: the answer of http:\/\/127\.0\.0\.1:\d+ was cut off/)
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('who reads the output goes away: the work is done all the same', async (t) => {
  const folder = temporaryFolder(t)
  const lines = Array.from({ length: 30 }, (_, bar) => `${Date.UTC(2024, 0, 1, bar)},1,1,1,1,1`)
  writeFileSync(join(folder, 'in.csv'), ['t,o,h,l,c,v', ...lines].join('\n'))
  const command = startProcess({ BARCAST_DATABASE: join(folder, 'x.duckdb') }, [
    'import',
    'candles',
    join(folder, 'in.csv'),
    '--symbol',
    'X',
  ])
  command.child.stdout!.destroy()
  t.match(await command.ended, { code: 0, stderr: '' })
})
