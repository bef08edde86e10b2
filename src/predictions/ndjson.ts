import type { ToAnswers } from './answers.js'
import type { Page } from './read.js'

/**
 * A listing as newline-delimited JSON, page by page: a prediction per line, then a record of its own, `{"count", "next_cursor", …}`. A stream
 * that broke off has none.
 */
export async function* predictionLines(
  pages: AsyncIterable<Page>,
  toAnswers: ToAnswers,
  closing: Readonly<Record<string, unknown>>,
): AsyncGenerator<string, void, undefined> {
  let count = 0
  let nextCursor: string | null = null
  for await (const page of pages) {
    count += page.predictions.length
    nextCursor = page.nextCursor
    const answers = await toAnswers(page.predictions)
    if (answers.length > 0) yield answers.map((answer) => `${JSON.stringify(answer)}\n`).join('')
  }
  yield `${JSON.stringify({ count, next_cursor: nextCursor, ...closing })}\n`
}
