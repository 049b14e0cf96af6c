import { formatIp, parseIp } from '#core/ip.ts'
import type { Helper } from '../call.ts'
import type { Scope, Value } from '../scope.ts'
import { integer, none, sizeOf, text } from './argument.ts'
import { without } from './text.ts'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const digits = '1234567890'
const mostDrawn = 1_000_000

/** Helpers that leave something to chance, which comes from the scope. */
export const chanceHelpers: Readonly<Record<string, Helper>> = {
  randchar: ([set], scope) => drawn(setOf(set, letters + digits), 1, scope),
  randbase: ([size, set], scope) => drawn(setOf(set, letters + digits), sizeOf(size), scope),
  randtextalpha: ([size, bad], scope) => drawn(without(letters, bad === undefined ? '' : text(bad)), sizeOf(size), scope),
  randtextalphanumeric: ([size, bad], scope) => drawn(without(letters + digits, bad === undefined ? '' : text(bad)), sizeOf(size), scope),
  randtextnumeric: ([size, bad], scope) => drawn(without(digits, bad === undefined ? '' : text(bad)), sizeOf(size), scope),
  randint: ([from, to], { chance }) => {
    const least = from === undefined ? 0 : integer(from)
    const most = to === undefined ? 2_147_483_647 : integer(to)
    return most <= least ? none('nothing to choose from') : least + Math.floor(chance() * (most - least))
  },
  randip: (of, scope) => addressIn(text(of[Math.floor(scope.chance() * of.length)]), scope),
}

function setOf(value: Value | undefined, otherwise: string): string {
  return value === undefined || text(value).trim() === '' ? otherwise : text(value)
}

function drawn(set: string, size: number, { chance }: Scope): string {
  if (set === '' || size > mostDrawn) none('nothing to draw from, or too much to draw')
  let out = ''
  for (let at = 0; at < size; at++) out += set[Math.floor(chance() * set.length)]!
  return out
}

function addressIn(range: string, { chance }: Scope): string {
  const [address = '', length = ''] = range.split('/')
  const parsed = parseIp(address)
  const bits = address.includes(':') ? 128 : 32
  const kept = length === '' ? bits : integer(length)
  if (parsed === null || kept < 0 || kept > bits) return none(`the range ${range.slice(0, 60)}`)
  let value = 0n
  for (let at = 0; at < bits; at += 16) value = (value << 16n) | BigInt(Math.floor(chance() * 65_536))
  const mask = (1n << BigInt(bits - kept)) - 1n
  return formatIp({ version: parsed.version, value: (parsed.value & ~mask) | (value & mask) })
}
