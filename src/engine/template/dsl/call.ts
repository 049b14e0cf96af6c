import { outside } from '#core/template/helper-names.ts'
import { chanceHelpers } from './helper/chance.ts'
import { codeHelpers } from './helper/code.ts'
import { listHelpers } from './helper/list.ts'
import { numberHelpers } from './helper/number.ts'
import { packHelpers } from './helper/pack.ts'
import { secretHelpers } from './helper/secret.ts'
import { textHelpers } from './helper/text.ts'
import { timeHelpers } from './helper/time.ts'
import { asText, Asked, keyOf, longestText, NoValue, type Scope, type Value } from './scope.ts'

export type Helper = (of: readonly Value[], scope: Scope) => Value

const helpers: Readonly<Record<string, Helper>> = { ...textHelpers, ...listHelpers, ...codeHelpers, ...secretHelpers, ...packHelpers, ...numberHelpers, ...chanceHelpers, ...timeHelpers }

export function callHelper(name: string, of: readonly Value[], scope: Scope): Value {
  if (outside.has(name)) return answerOf(name, of, scope)
  const helper = Object.hasOwn(helpers, name) ? helpers[name]! : none(name)
  const value = helper(of, scope)
  return typeof value === 'string' && value.length > longestText ? none(`${name} makes a text that is too long`) : value
}

/** What was asked outside before; else it has to be asked now. */
function answerOf(call: string, of: readonly Value[], scope: Scope): Value {
  const question = { call, of: of.map(asText) }
  const answer = scope.answers?.get(keyOf(question))
  if (answer === undefined) throw new Asked(question)
  return answer ?? none(`${call} has no answer`)
}

function none(text: string): never {
  throw new NoValue(text)
}
