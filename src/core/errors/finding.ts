export const findingErrors = {} as const
