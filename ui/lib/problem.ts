import { t } from '#ui/i18n/text.ts'

/** RFC 9457 as the platform speaks it (src/api/errors/problem.ts); all may lack when a proxy answers in its place. */
export type Problem = Readonly<{
  status: number
  title?: string
  code?: string
  detail?: string
  request?: string
  errors?: readonly Readonly<{ field: string; text: string }>[]
}>

/** What the platform answered instead of what was asked for. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${problem.status}`)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** The platform could not be reached at all. */
export class UnreachableError extends Error {
  constructor() {
    super(t('error.unreachable_detail'))
    this.name = 'UnreachableError'
  }
}

export function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ProblemError && error.problem.status === status
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof ProblemError && error.problem.code === code
}

/** What is gone, not allowed or wrong stays so: another try is of no use. */
export function isFinal(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.status >= 400 && error.problem.status < 500 && ![408, 409, 425, 429].includes(error.problem.status)
}

/** What is wrong with one field of the form that was sent. */
export function fieldError(error: unknown, field: string): string | undefined {
  return error instanceof ProblemError ? error.problem.errors?.find((one) => one.field === field)?.text : undefined
}

export function describeError(error: unknown): Readonly<{ title: string; detail: string; reference?: string }> {
  if (error instanceof UnreachableError) return { title: t('error.unreachable'), detail: t('error.unreachable_detail') }
  if (error instanceof ProblemError) {
    const { problem } = error
    const title = problem.status === 404 ? t('error.not_found') : problem.status === 403 ? t('error.forbidden')
      : problem.status === 429 ? t('error.slow_down') : problem.status >= 500 ? t('error.server') : t('error.refused')
    const told = { title, detail: problem.detail ?? problem.title ?? t('error.status', { status: problem.status }) }
    // The request's id helps whoever reads the server's log; a wrong entry needs no log.
    return problem.request === undefined || problem.status < 500 ? told : { ...told, reference: problem.request }
  }
  return { title: t('error.console'), detail: error instanceof Error ? error.message : String(error) }
}
