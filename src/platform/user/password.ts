import { hash, verify } from '@node-rs/argon2'
import { fail } from '#core/errors.ts'

export const leastPassword = 12
export const mostPassword = 200

/** argon2id with the library's defaults (19 MiB, 2 passes), which are OWASP's first choice. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFKC'))
}

export async function verifyPassword(hashed: string, password: string): Promise<boolean> {
  return verify(hashed, password.normalize('NFKC')).catch(() => false)
}

/** Length counts, and nothing that is tried first; no rules about digits and signs (NIST SP 800-63B 5.1.1.2). */
export function checkPassword(password: string, person: Readonly<{ name: string; email: string }>): void {
  const length = Array.from(password).length
  if (length < leastPassword) fail('password.too_short', { least: leastPassword })
  if (password.length > mostPassword) fail('password.too_long', { most: mostPassword })
  const plain = plainOf(password)
  if (isCommon(plain) || isCommon(password.toLowerCase())) fail('password.common')
  const personal = [person.email.toLowerCase(), person.email.split('@')[0]!.toLowerCase(), person.name.toLowerCase().replace(/\s+/g, '')]
  const squeezed = password.toLowerCase().replace(/[\s._-]+/g, '')
  if (personal.some((word) => word.length >= 5 && squeezed.replaceAll(word.replace(/[\s._-]+/g, ''), '').length < 5)) fail('password.personal')
}

/** As people disguise words: P@ssw0rd → password. */
function plainOf(password: string): string {
  const letters: Readonly<Record<string, string>> = { '@': 'a', '4': 'a', '3': 'e', '1': 'i', '!': 'i', '0': 'o', '$': 's', '5': 's', '7': 't' }
  return password.toLowerCase().replace(/[@431!0$57]/g, (sign) => letters[sign]!)
}

/**
 * What guessing tools try first at twelve characters and more: common words with digits and signs around, the same few characters
 * or one short piece again and again, and runs along the alphabet, the digits or the keyboard.
 */
function isCommon(text: string): boolean {
  if (new Set(text).size < 5) return true
  if (/^(.{1,6}?)\1+.{0,3}$/u.test(text)) return true
  let rest = text
  for (const word of words) rest = rest.replaceAll(word, '')
  rest = rest.replace(/[^\p{Letter}]+/gu, '')
  if (rest.length < 4 && words.some((word) => text.includes(word))) return true
  return inRuns(text) >= text.length - 3
}

const words: readonly string[] = [
  'administrator', 'changeme', 'password', 'passwort', 'passw', 'welcome', 'letmein', 'iloveyou', 'trustno', 'sunshine', 'princess', 'football', 'baseball',
  'superman', 'starwars', 'computer', 'security', 'internet', 'whatever', 'dragon', 'monkey', 'master', 'shadow', 'qwertyuiop', 'qwertzuiop', 'asdfghjkl',
  'zxcvbnm', 'qwerty', 'qwertz', 'azerty', 'asdf', 'abcdef', 'abc', 'admin', 'default', 'secret', 'server', 'system', 'login', 'access', 'hello', 'root',
  'user', 'test', 'guest', 'public', 'private', 'vigil', 'summer', 'winter', 'spring', 'autumn', 'january', 'february', 'monday', 'friday', 'company',
  'correcthorsebatterystaple', 'michael', 'jennifer', 'charlie', 'liverpool', 'chelsea', 'arsenal', 'pokemon', 'batman', 'ninja', 'love', 'my', 'the', 'is', 'new',
]

const rows = [
  'abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'qwertzuiop', 'asdfghjkl', 'zxcvbnm', 'yxcvbnm', '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
].flatMap((row) => [row, Array.from(row).toReversed().join('')])

/** How many characters stand in runs of three or more along a row, forwards or backwards. */
function inRuns(text: string): number {
  let covered = 0
  let start = 0
  while (start < text.length) {
    let length = 1
    while (start + length < text.length && rows.some((row) => row.includes(text.slice(start, start + length + 1)))) length++
    if (length >= 3) covered += length
    start += length
  }
  return covered
}
