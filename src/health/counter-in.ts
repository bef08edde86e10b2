import { Counter, type Registry } from 'prom-client'

/** Makes counters in these registries; a counter's labels are those it was made with. */
export function counterIn(registers: Registry[]) {
  return <Label extends string = never>(name: string, help: string, ...labelNames: Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers })
}
