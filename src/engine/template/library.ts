import type { Plan } from '#core/template/plan.ts'

/**
 * The templates of a release as the scanner holds them: compiled plans, read from one buffer when they are needed, so that ten thousand of them cost what their bytes cost. Made once for a
 * release and shared by all slices (src/engine/template/open-library.ts).
 */
export interface TemplateLibrary {
  readonly digest: string
  /** Number of the check each template is, by place in the library. */
  readonly checks: readonly number[]
  plan(place: number): Plan
}
