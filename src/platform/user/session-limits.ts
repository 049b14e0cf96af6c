/** Idle for 12 hours, or 7 days old: the session is over. `fresh` is how old it may be for what hands out lasting access. */
export const sessionLimits = { idle: 12 * 3600, absolute: 7 * 86_400, refresh: 600, fresh: 3600 } as const
