import { zstdCompressSync } from 'node:zlib'
import type { Observation } from '#core/observation.ts'
import type { Plan } from '#core/template/plan.ts'
import { compileTemplate } from '#core/template/compile.ts'
import type { Profile } from '#core/profile.ts'
import { rootPage } from '../http/root.ts'
import type { Callbacks } from '../callback/callbacks.ts'
import type { Sight } from '../probe.ts'
import { loopbackProfile, withTools } from '../testing.ts'
import type { TemplateLibrary } from './library.ts'
import { openLibrary } from './open-library.ts'
import { runWebRoot, type WaveCount } from './web-run.ts'

/** Plans as a release would carry them; checks are numbered from 1. */
export function libraryOf(plans: readonly Plan[]): TemplateLibrary {
  return openLibrary(zstdCompressSync(Buffer.from(plans.map((plan, index) => `${JSON.stringify({ check: index + 1, plan })}\n`).join(''))))
}

/** A template as YAML reads it, compiled; fails where it cannot be. */
export function planOf(template: object): Plan {
  const plan = compileTemplate(template, () => null)
  if ('reason' in plan) throw new Error(`${plan.reason}: ${plan.text}`)
  return plan
}

export type Looked = Readonly<{
  matches: readonly Extract<Sight, { kind: 'match' }>[]
  asked: readonly number[]
  notes: readonly Extract<Sight, { kind: 'noted' }>[]
  waves: readonly WaveCount[]
}>

export type LookOptions = Readonly<{ profile?: Partial<Profile>; callbacks?: Callbacks; open?: readonly number[]; name?: string; tls?: boolean; address?: string }>

/** Everything the probe says of one loopback port, with the real network and a real root page. */
export function lookTemplates(port: number, library: TemplateLibrary, options: LookOptions = {}): Promise<Looked> {
  const address = options.address ?? '127.0.0.1'
  return withTools(async (bare, signal) => {
    const tools = { ...bare, templates: library, callbacks: options.callbacks ?? null, open: new Set(options.open ?? []), names: options.name === undefined ? [] : [options.name] }
    const matches: Extract<Sight, { kind: 'match' }>[] = []
    const notes: Extract<Sight, { kind: 'noted' }>[] = []
    const asked: number[] = []
    const waves: WaveCount[] = []
    const at = { asset: address, address, port, proto: 'tcp' } as const
    const service: Observation<'service'> = { kind: 'service', at, seen: 0, by: 'service@1', data: { name: 'http', tls: options.tls ?? false, facts: {} } }
    for await (const page of rootPage.run(service, tools, signal)) {
      if (page.kind !== 'http' || page.data.path !== '/') continue
      for await (const sight of runWebRoot({ ...page, seen: 0, by: 'http@1' } as Observation<'http'>, library, tools, signal, (wave) => waves.push(wave))) {
        if (sight.kind === 'match') matches.push(sight)
        else if (sight.kind === 'noted') notes.push(sight)
        else if (sight.kind === 'asked') asked.push(...sight.signatures)
      }
      break
    }
    return { matches, asked, notes, waves }
  }, { ...loopbackProfile, templates: 'fitting', ...options.profile })
}
