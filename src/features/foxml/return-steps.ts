import { deviationOf } from '../indicators/deviation.js'
import { fillReturns } from '../indicators/returns.js'
import type { Step } from '../table/step.js'

/** Returns and their deviations over 1 to 60 bars. */
export function returnSteps(): Step[] {
  return [...[1, 5, 10, 20, 60].map(returnOver), ...[5, 10, 20, 60].map(volatilityOver)]
}

function returnOver(bars: number): Step {
  return {
    rows: [{ name: `ret_${bars}d`, minBars: bars + 1, unit: 'ratio', formula: `C_t / C_{t−${bars}} − 1` }],
    run({ close }, _first, last, out) {
      out[0] = close[last]! / close[last - bars]! - 1
    },
  }
}

function volatilityOver(bars: number): Step {
  const returns = new Float64Array(bars)
  return {
    rows: [{ name: `vol_${bars}d`, minBars: bars + 1, unit: 'ratio', formula: `sample deviation of the last ${bars} simple returns` }],
    run({ close }, first, last, out) {
      if (last - bars < first) return
      fillReturns(close, last, bars, returns)
      out[0] = deviationOf(returns, bars - 1, bars, 1)
    },
  }
}
