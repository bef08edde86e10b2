/**
 * Lets callers who want the same at the same time share the work: whoever asks while it is under way gets the promise that is there.
 * Nothing is kept afterwards.
 */
export function createSingleFlight<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, Promise<T>>()
  return (key, work) => {
    let result = underWay.get(key)
    if (result === undefined) {
      result = work().finally(() => underWay.delete(key))
      underWay.set(key, result)
    }
    return result
  }
}
