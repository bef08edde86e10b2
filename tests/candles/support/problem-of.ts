import { Problem } from '../../../src/errors.js'

/** The Problem that `run` throws; anything else it throws goes on, and throwing nothing is an error. */
export function problemOf(run: () => unknown): Problem {
  try {
    run()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('expected a Problem, nothing was thrown')
}

/** The pointer of a problem's first error. */
export function pointerOf(problem: Problem): string | undefined {
  return (problem.extras['errors'] as { pointer: string }[] | undefined)?.[0]?.pointer
}
