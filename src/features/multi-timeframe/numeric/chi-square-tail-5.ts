const gammaOf2p5 = 1.329340388179137 // Γ(2.5) = ¾·√π

/**
 * Replaces Q in `inOut[at]` by the upper tail of χ² with 5 degrees of freedom at Q ≥ 0: the regularised incomplete gamma
 * Γ(2.5, Q/2)/Γ(2.5). Series below x = 3.5, continued fraction (modified Lentz) above: https://dlmf.nist.gov/8.11, 8.9.2.
 * Relative error below 1e-13 down to 1e-111, the smallest that the feature reaches.
 */
export function chiSquareTail5(inOut: Float64Array, at: number): void {
  const x = inOut[at]! / 2
  const front = (x * x * Math.sqrt(x) * Math.exp(-x)) / gammaOf2p5
  if (x < 3.5) {
    let term = 1 / 2.5
    let sum = term
    for (let k = 1; term > sum * 1e-17; k++) {
      term *= x / (2.5 + k)
      sum += term
    }
    inOut[at] = 1 - front * sum
    return
  }
  let b = x + 1 - 2.5
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let k = 1; k < 1000; k++) {
    const a = -k * (k - 2.5)
    b += 2
    d = 1 / (a * d + b)
    c = b + a / c
    const factor = d * c
    h *= factor
    if (Math.abs(factor - 1) < 1e-16) break
  }
  inOut[at] = front * h
}
