import type { Page, UsedLibrary } from '#core/knowledge/library.ts'
import type { Observation } from '#core/observation.ts'
import { fit } from '../asset/text.ts'
import { softwareId, tidy, type Sighted } from './software.ts'

/** Client-side libraries that a page uses, at the place of the page. Pages of errors, and those that answer for any path, would only repeat what the page proper says. */
export function librariesSighted(recognise: (page: Page) => readonly UsedLibrary[], seen: Observation): readonly Sighted[] {
  if (seen.kind !== 'http' || seen.data.status >= 400 || seen.data.catchAll) return []
  const { path, headers, body } = seen.data
  return recognise({ path, contentType: headers['content-type'] ?? '', body }).map(({ name, version, by, text }) => {
    const software = tidy({ ecosystem: 'retire.js', name, version })
    return {
      id: softwareId(software), software, at: { ...seen.at, package: software.name }, by: seen.by, seen: seen.seen, product: null, text: fit(text, 400), used: { by, page: fit(path, 200) },
    }
  })
}
