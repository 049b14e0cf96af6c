import { chanceOf } from '../dsl/scope.ts'
import type { CallbackPlace, Callbacks } from '../../callback/callbacks.ts'
import type { Names, Value } from './names.ts'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const length = 27

/** Values that chance chooses for one run of a template: `{{randstr}}`, `{{randstr_2}}`, `{{interactsh-url}}`. Each keeps its value to the end, and all go into the proof. */
export interface Chosen extends Names {
  readonly all: Readonly<Record<string, string>>
  /** Places that targets were told to call. */
  readonly places: readonly CallbackPlace[]
}

/** `seed`: with the same one, the same texts are chosen again. `callbacks`: null where no listener can be reached from `address`; names that need it then stay unknown. */
export function chooser(address: string, callbacks: Callbacks | null, seed: number): Chosen {
  const all: Record<string, string> = {}
  const places: CallbackPlace[] = []

  function choose(name: string): string | undefined {
    if (/^randstr(?:_\d+)?$/.test(name)) return randomText(seed, name)
    if (!/^interactsh-url(?:_\d+){0,3}$/.test(name)) return undefined
    const place = callbacks?.place(address) ?? null
    if (place === null) return undefined
    places.push(place)
    return place.url
  }

  return {
    all,
    places,
    get(name): Value | undefined {
      if (Object.hasOwn(all, name)) return all[name]
      const value = choose(name)
      if (value !== undefined) all[name] = value
      return value
    },
  }
}

function randomText(seed: number, name: string): string {
  let own = seed
  for (const letter of name) own = Math.imul(own, 31) + letter.charCodeAt(0)
  const chance = chanceOf(own)
  let text = ''
  for (let at = 0; at < length; at++) text += letters[Math.floor(chance() * letters.length)]
  return text
}
