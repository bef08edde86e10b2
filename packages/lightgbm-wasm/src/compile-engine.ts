import { decodeBase64 } from './decode-base64.js'
import { scalarModule, simdModule } from './generated/wasm.js'

let compiled: Promise<WebAssembly.Module> | undefined

/** The module that every booster is an instance of, compiled once: with SIMD where the host has it. After a failure the next call tries again. */
export function compileEngine(): Promise<WebAssembly.Module> {
  compiled ??= compileFor(hasSimd()).catch((error: unknown) => {
    compiled = undefined
    throw error
  })
  return compiled
}

/**
 * Compiles one of the two builds. The one without SIMD gives the same bits.
 *
 * At once where the host allows it: Node 20 may hang for good when nothing but a compilation (or instantiation) in the background
 * keeps its event loop waiting (seen once in some 20,000 loads, in `NodePlatform::DrainTasks`). It takes some 2 ms.
 */
export async function compileFor(simd: boolean): Promise<WebAssembly.Module> {
  const bytes = decodeBase64(simd ? simdModule : scalarModule)
  try {
    return new WebAssembly.Module(bytes)
  } catch {
    // Some browsers compile larger modules in the background only.
    return WebAssembly.compile(bytes)
  }
}

/** An instance of a compiled module; at once where the host allows it, as above. */
export async function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  try {
    return new WebAssembly.Instance(module, imports)
  } catch {
    return WebAssembly.instantiate(module, imports)
  }
}

/** A module of one function whose body is `v128.const 0; drop`. */
function hasSimd(): boolean {
  return WebAssembly.validate(
    // prettier-ignore
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0, 253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 26, 11]),
  )
}
