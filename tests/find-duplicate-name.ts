import fc from 'fast-check'
import t from 'tap'
import { findDuplicateName } from '../src/find-duplicate-name.js'

t.test('the pointer of a name given twice', (t) => {
  t.equal(findDuplicateName('{"a":1,"a":2}'), '/a')
  t.equal(findDuplicateName('{"a":{"b":[1,{"x":1,"\\u0078":2}]}}'), '/a/b/1/x')
  t.equal(findDuplicateName('{"candles":[{"c":1},{"c":2},{"c":3 , "c" : 4}]}'), '/candles/2/c')
  t.equal(findDuplicateName('{"a/b~":1,"a/b~":2}'), '/a~1b~0')
  t.equal(findDuplicateName('{"__proto__":1,"__proto__":2}'), '/__proto__')
  t.equal(findDuplicateName('{"a":"\\\\","b":"\\"","c":{"a":1,"b":"a"}}'), undefined)
  t.equal(findDuplicateName('["a","a",{"a":"a"}]'), undefined)
  t.end()
})

/** The slow way: the members of each object as pairs, compared one by one. */
type Node = { pairs: [string, Node][] } | { items: Node[] } | { leaf: unknown }

function hasDuplicate(node: Node): boolean {
  if ('items' in node) return node.items.some(hasDuplicate)
  if (!('pairs' in node)) return false
  return new Set(node.pairs.map(([name]) => name)).size < node.pairs.length || node.pairs.some(([, value]) => hasDuplicate(value))
}

function write(node: Node): string {
  if ('items' in node) return `[${node.items.map(write).join(', ')}]`
  if ('pairs' in node) return `{${node.pairs.map(([name, value]) => `${JSON.stringify(name)} :${write(value)}`).join(',')}}`
  return JSON.stringify(node.leaf)
}

t.test('agrees with a comparison of all names', (t) => {
  const name = fc.oneof(fc.constantFrom('a', 'b', 'a"', '\\', ':', '}'), fc.string({ maxLength: 4 }))
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.record({ leaf: fc.oneof(fc.double({ noNaN: true }), fc.string(), fc.constant(null)) }),
      fc.record({ items: fc.array(tie('node'), { maxLength: 4 }) }),
      fc.record({ pairs: fc.array(fc.tuple(name, tie('node')), { maxLength: 5 }) }),
    ),
  }))
  fc.assert(
    fc.property(node, (value) => (findDuplicateName(write(value)) !== undefined) === hasDuplicate(value)),
    { numRuns: 500 },
  )
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, i]))
  t.equal(findDuplicateName(JSON.stringify(many)), undefined)
  t.equal(findDuplicateName(JSON.stringify([{ n99: 1 }, many]).replace('"n98"', '"n99"')), '/1/n99')
  t.end()
})
