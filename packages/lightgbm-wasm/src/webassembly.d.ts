// The part of the WebAssembly API that is used, for compilations without lib.dom.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
    private readonly brand: 'Module'
  }
  class Instance {
    constructor(module: Module, imports: Imports)
    readonly exports: Record<string, unknown>
  }
  class Memory {
    readonly buffer: ArrayBuffer
  }
  type Imports = Record<string, Record<string, (...values: number[]) => number | void>>
  function compile(bytes: Uint8Array): Promise<Module>
  function validate(bytes: Uint8Array): boolean
  function instantiate(module: Module, imports: Imports): Promise<Instance>
}
