import t from 'tap'
import { createAdmission } from '../../src/http/admission.js'

t.test('so many at once and no more', (t) => {
  const admission = createAdmission({ maxRequests: 2, maxBytes: 100 })
  const leave = admission.enter(10)
  const leaveToo = admission.enter(10)
  t.throws(() => admission.enter(10), { code: 'overloaded', retryAfterSeconds: 1 })
  leave()
  leave()
  admission.enter(10)
  t.throws(() => admission.enter(10), { code: 'overloaded' }, 'leaving twice frees one place')
  leaveToo()
  t.throws(() => admission.enter(91), { code: 'overloaded' }, 'too many bytes')
  admission.enter(90)
  t.end()
})

t.test('one request is always let in', (t) => {
  createAdmission({ maxRequests: 1, maxBytes: 10 }).enter(1000)
  t.end()
})
