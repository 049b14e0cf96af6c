import { bytesOf } from '../bytes.ts'
import { translatePattern } from '../pattern/translate.ts'
import { BadPath, type Markup, type Path, type Step } from './tree.ts'

/** A node with its way up; an attribute is a node of its own. */
export type Found = Readonly<{ node: Markup; up: Found | null; attribute?: string }>
type Value = string | number | boolean | readonly Found[]
type Place = Readonly<{ at: Found; position: number; size: number; budget: Budget }>
export type Budget = { left: number }

/** What a path gives over a document: nodes, or one text, number or truth. Throws `BadPath` when it takes too long. */
export function evaluatePath(path: Path, document: Markup, budget: Budget): Value {
  return valueOf(path, { at: { node: document, up: null }, position: 1, size: 1, budget })
}

export function textOfFound({ node, attribute }: Found): string {
  if (attribute !== undefined) return node.attributes[attribute] ?? ''
  return node.name === '' ? node.text : node.children.map((child) => textOfFound({ node: child, up: null })).join('')
}

function valueOf(path: Path, place: Place): Value {
  if (--place.budget.left < 0) throw new BadPath('it takes too long')
  switch (path.kind) {
    case 'text':
    case 'number':
      return path.value
    case 'steps':
      return walk(path, place)
    case 'call':
      return called(path.name, path.of, place)
    case 'operator':
      return operated(path, place)
    default:
      return path satisfies never
  }
}

function walk(path: Path & { kind: 'steps' }, { at, budget }: Place): readonly Found[] {
  let root = at
  while (root.up !== null) root = root.up
  let now: readonly Found[] = [path.absolute ? root : at]
  for (const step of path.steps) {
    const seen = new Set<string | Markup>()
    now = now.flatMap((one) => stepFrom(one, step, budget)).filter((one) => {
      if (one.attribute !== undefined) return true
      if (seen.has(one.node)) return false
      seen.add(one.node)
      return true
    })
  }
  return now
}

/** A position counts among those that one parent has, as XPath wants it for `//a[1]`. */
function stepFrom(from: Found, step: Step, budget: Budget): readonly Found[] {
  if (step.axis === 'attribute') {
    const names = Object.keys(from.node.attributes).filter((name) => step.test === '*' || name === step.test)
    return filtered(names.map((attribute) => ({ node: from.node, up: from, attribute })), step.where, budget)
  }
  if (step.axis === 'self') return filtered([from], step.where, budget)
  if (step.axis === 'parent') return from.up === null ? [] : [from.up]
  const children = from.node.children.map((node) => ({ node, up: from }))
  const here = filtered(children.filter(({ node }) => fits(node, step.test)), step.where, budget)
  if (step.axis === 'child') return here
  if ((budget.left -= 1 + children.length) < 0) throw new BadPath('it takes too long')
  return [...here, ...children.flatMap((child) => (child.node.children.length === 0 ? [] : stepFrom(child, step, budget)))]
}

function fits(node: Markup, test: string): boolean {
  if (test === 'node()') return true
  if (test === 'text()') return node.name === ''
  return node.name !== '' && (test === '*' || node.name === test)
}

function filtered(nodes: readonly Found[], where: readonly Path[], budget: Budget): readonly Found[] {
  let now = nodes
  for (const condition of where) {
    const size = now.length
    now = now.filter((at, index) => {
      const value = valueOf(condition, { at, position: index + 1, size, budget })
      return typeof value === 'number' ? value === index + 1 : isTrue(value)
    })
  }
  return now
}

function isTrue(value: Value): boolean {
  return typeof value === 'object' ? value.length > 0 : Boolean(value)
}

export function asText(value: Value): string {
  return typeof value === 'object' ? (value.length === 0 ? '' : textOfFound(value[0]!)) : String(value)
}

function operated({ sign, left, right }: Path & { kind: 'operator' }, place: Place): Value {
  if (sign === 'or') return isTrue(valueOf(left, place)) || isTrue(valueOf(right, place))
  if (sign === 'and') return isTrue(valueOf(left, place)) && isTrue(valueOf(right, place))
  const [a, b] = [valueOf(left, place), valueOf(right, place)]
  if (sign === '|') return typeof a === 'object' && typeof b === 'object' ? [...a, ...b] : []
  const texts = (value: Value): readonly (string | number | boolean)[] => (typeof value === 'object' ? value.map(textOfFound) : [value])
  return texts(a).some((one) => texts(b).some((other) => compared(sign, one, other)))
}

function compared(sign: string, one: string | number | boolean, other: string | number | boolean): boolean {
  const isNumber = typeof one === 'number' || typeof other === 'number' || /[<>]/.test(sign)
  const [a, b] = isNumber ? [Number(one), Number(other)] : [String(one), String(other)]
  switch (sign) {
    case '=':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a! < b!
    case '<=':
      return a! <= b!
    case '>':
      return a! > b!
    default:
      return a! >= b!
  }
}

function called(name: string, of: readonly Path[], place: Place): Value {
  const values = of.map((one) => valueOf(one, place))
  const [first = '', second = '', third = ''] = values.map(asText)
  const own = of.length === 0 ? textOfFound(place.at) : first
  switch (name) {
    case 'contains':
      return first.includes(second)
    case 'starts-with':
      return first.startsWith(second)
    case 'ends-with':
      return first.endsWith(second)
    case 'not':
      return !isTrue(values[0]!)
    case 'matches':
      return matches(first, second)
    case 'translate':
      return [...first].map((letter) => (second.includes(letter) ? (third[second.indexOf(letter)] ?? '') : letter)).join('')
    case 'concat':
      return values.map(asText).join('')
    case 'count':
      return typeof values[0] === 'object' ? values[0].length : 0
    case 'normalize-space':
      return own.trim().replace(/\s+/g, ' ')
    case 'string':
      return own
    case 'string-length':
      return own.length
    case 'position':
      return place.position
    case 'last':
      return place.size
    case 'name':
      return place.at.attribute ?? place.at.node.name
    case 'lower-case':
      return first.toLowerCase()
    default:
      return name === 'true'
  }
}

function matches(text: string, pattern: string): boolean {
  try {
    const { source, flags } = translatePattern(pattern)
    return new RegExp(source, flags).test(bytesOf(text))
  } catch {
    throw new BadPath('a pattern that is none')
  }
}
