import { setTimeout } from 'node:timers/promises'
import { DONE, UNEXPECTED } from '../exit-codes.js'
import type { VerificationAnswer } from '../replays/schema.js'
import { defineCommand } from './command.js'
import { InputError } from './input-error.js'
import { createProgress } from './progress.js'
import { rangeQuery, readRange } from './read-range.js'
import { readTimeframe } from './read-timeframe.js'

const mostShown = 20

export const verify = defineCommand({
  name: 'verify',
  summary: 'Derives stored predictions again and compares every bit',
  usage: '[--sample N] [--model NAME] [--symbol NAME] [--timeframe 1h] [--from TIME] [--to TIME]',
  about: `Features and scores are computed from the candles that were current when a prediction was stored; superseded predictions too.
Nothing is written. Exit code 0: all are identical; 3: at least one differs, or cannot be derived again (its model is another file now, its
candles are not stored, …); the first of them are listed.`,
  options: {
    sample: { type: 'string', value: 'N', about: 'only N predictions, drawn by chance; at most 10000' },
    model: { type: 'string', value: 'NAME', about: 'only this model' },
    symbol: { type: 'string', value: 'NAME', about: 'only this market' },
    timeframe: { type: 'string', value: 'TIME', about: 'only this timeframe' },
    from: { type: 'string', value: 'TIME', about: 'oldest bar, inclusive' },
    to: { type: 'string', value: 'TIME', about: 'newest bar, inclusive' },
  },
  async run(context) {
    const { values, connect, stdout, signal } = context
    const { sample, model, symbol, timeframe } = values
    if (sample !== undefined && !/^[1-9]\d{0,8}$/.test(sample))
      throw new InputError(`--sample ${JSON.stringify(sample)} is no whole number above 0`)
    const body = {
      model,
      symbol,
      timeframe: timeframe === undefined ? undefined : readTimeframe(timeframe),
      ...rangeQuery(readRange(values)),
      sample: sample === undefined ? undefined : Number(sample),
    }
    const client = await connect({ models: true })
    const begun = await (await client.request('POST', '/verifications', { body })).json<VerificationAnswer>()
    const path = `/verifications/${begun.id}`
    const progress = createProgress(context)
    try {
      for (;;) {
        const job = await (await client.request('GET', path)).json<VerificationAnswer>()
        if (job.state === 'waiting' || job.state === 'running') {
          progress.show(job.progress.checked, undefined, 'predictions')
          await setTimeout(150, undefined, { signal })
          continue
        }
        progress.clear()
        if (job.result === null)
          throw new Error(job.error === null ? `the verification ${job.id} is ${job.state}` : `${job.error.detail} [${job.error.code}]`)
        stdout.write(describe(job.result))
        return job.result.identical === job.result.checked ? DONE : UNEXPECTED
      }
    } catch (error) {
      progress.clear()
      if (signal.aborted) await client.request('POST', `${path}/cancel`, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
      throw error
    }
  },
})

function describe({
  checked,
  identical,
  different,
  impossible,
  reasons,
  first_different,
  first_impossible,
  seconds,
}: NonNullable<VerificationAnswer['result']>): string {
  const why = Object.entries(reasons).map(([reason, count]) => `${reason} ${count}`)
  const lines = [
    `${checked} predictions replayed in ${seconds.toFixed(1)} s: ${identical} identical, ${different} different, ${impossible} impossible${why.length === 0 ? '' : ` (${why.join(', ')})`}`,
    ...first_different.slice(0, mostShown).map(({ id, detail }) => `DIFFERENT ${id}: ${detail as string}`),
    ...first_impossible.slice(0, mostShown).map(({ id, detail }) => `IMPOSSIBLE ${id}: ${detail as string}`),
  ]
  return `${lines.join('\n')}\n`
}
