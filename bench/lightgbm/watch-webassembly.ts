export interface WebAssemblyWatch {
  /** Bytes of linear memory that live instances hold. */
  linearBytes(): number
  /** Bytes of all modules compiled so far, each counted once. */
  moduleBytes(): number
}

// The compiler's library has no WebAssembly without the browser's.
interface Memory {
  readonly buffer: ArrayBufferLike
}
interface Instance {
  readonly exports: Readonly<Record<string, unknown>>
}
type Constructor<T> = new (...args: unknown[]) => T
interface WebAssemblyNamespace {
  Memory: Constructor<Memory>
  Module: Constructor<object>
  Instance: Constructor<Instance>
  compile: (source: unknown) => Promise<object>
  instantiate: (source: unknown, imports?: unknown) => Promise<Instance | { instance: Instance }>
}

/**
 * Watches what WebAssembly the process compiles and how much linear memory its instances hold. To be called before the
 * watched package is imported.
 */
export function watchWebAssembly(): WebAssemblyWatch {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyNamespace }
  const { Memory, Module, Instance, instantiate, compile } = WebAssembly
  const memories = new Set<WeakRef<Memory>>()
  const modules = new Map<string, number>()

  const sawBytes = (source: unknown) => {
    if (!ArrayBuffer.isView(source) && !(source instanceof ArrayBuffer)) return
    const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
    let sum = 0
    for (const byte of bytes) sum = (sum * 31 + byte) | 0
    modules.set(`${bytes.length}:${sum}`, bytes.length)
  }
  const sawInstance = (instance: Instance) => {
    for (const value of Object.values(instance.exports)) if (value instanceof Memory) memories.add(new WeakRef(value))
  }
  WebAssembly.Memory = constructing(Memory, (_, memory) => void memories.add(new WeakRef(memory)))
  WebAssembly.Module = constructing(Module, ([source]) => sawBytes(source))
  WebAssembly.Instance = constructing(Instance, (_, instance) => sawInstance(instance))
  WebAssembly.compile = (source) => {
    sawBytes(source)
    return compile(source)
  }
  WebAssembly.instantiate = async (source, imports) => {
    sawBytes(source)
    const made = await instantiate(source, imports)
    sawInstance('instance' in made ? made.instance : made)
    return made
  }

  return {
    linearBytes: () => {
      const buffers = new Set([...memories].map((reference) => reference.deref()?.buffer))
      return [...buffers].reduce((sum, buffer) => sum + (buffer?.byteLength ?? 0), 0)
    },
    moduleBytes: () => [...modules.values()].reduce((sum, bytes) => sum + bytes, 0),
  }
}

function constructing<T extends object>(original: Constructor<T>, seen: (args: unknown[], made: T) => void): Constructor<T> {
  return new Proxy(original, {
    construct(target, args: unknown[]) {
      const made = new target(...args)
      seen(args, made)
      return made
    },
  })
}
