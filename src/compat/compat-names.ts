/** Other systems whose endpoints barcast can answer; BARCAST_COMPAT names those that it does. */
export const compatNames = ['crypto-bot', 'ml-layer-1'] as const
export type CompatName = (typeof compatNames)[number]
