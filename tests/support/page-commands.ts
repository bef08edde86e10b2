import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Service } from './service.js'
import { wordsOf } from './words-of.js'

const root = resolve(import.meta.dirname, '../..')

/** What a command of a page got, as far as pages show it. */
export interface Answer {
  readonly predictions?: unknown
  readonly term_structure?: readonly {
    readonly model: string
    readonly family: string
    readonly horizon_bars: number
    readonly passed_over?: readonly object[]
  }[]
}

/** `for k in 1 2 3; do …$k…; done` as its rounds; every other command as it stands. */
export function unrolled(command: string): string[] {
  const [, name, values, body] = /^for (\w+) in ([^;]+); do (.+); done$/.exec(command) ?? []
  return body === undefined ? [command] : values!.split(' ').map((value) => body.replaceAll(`$${name}`, value))
}

/** Runs a command as a shell would, but for curl, which is this process. */
export async function execute({ app }: Service, command: string): Promise<{ status: number; answer: Answer }> {
  const [first, ...rest] = command.split(' | ')
  const piped = first!.startsWith('curl ') ? undefined : program(wordsOf(first!))
  if (rest.length === 0 && piped !== undefined) return { status: 200, answer: JSON.parse(piped.toString()) as Answer }
  const words = wordsOf(rest[0] ?? first!)
  const headers: Record<string, string> = {}
  let method = 'GET'
  let payload: Buffer | string | undefined
  let url = ''
  for (let k = 1; k < words.length; k++) {
    const word = words[k]!
    if (word === '-s') continue
    if (word.startsWith('http')) url = word
    else if (word === '-X') method = words[++k]!
    else if (word === '-H') headers[words[++k]!.split(': ')[0]!] = words[k]!.split(': ')[1]!
    else if (word === '-d') payload = words[++k]!
    else if (word === '--data-binary') payload = words[++k] === '@-' ? piped : readFileSync(join(root, words[k]!.slice(1)))
    else throw new Error(`curl's ${word} is not known here: ${command}`)
  }
  if (payload !== undefined) method = 'POST'
  const response = await app.inject({
    method: method as 'GET',
    url: url.replace('http://127.0.0.1:8080', ''),
    headers,
    ...(payload !== undefined && { payload }),
  })
  const isJson = String(response.headers['content-type']).startsWith('application/json')
  return { status: response.statusCode, answer: isJson ? response.json<Answer>() : {} }
}

/** What a Node program of the repository prints. */
export function program([name, ...words]: readonly string[]): Buffer {
  const [script, ...more] = words[0] === 'tsx' ? words.slice(1) : words
  const { status, stdout, stderr } = spawnSync(process.execPath, [...(name === 'npx' ? ['--import', 'tsx'] : []), script!, ...more], {
    cwd: root,
  })
  if (status !== 0) throw new Error(`${name} ${words.join(' ')}: ${stderr.toString()}`)
  return stdout
}
