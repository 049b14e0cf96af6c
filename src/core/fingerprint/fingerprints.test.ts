import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fingerprint } from '../knowledge/record.ts'
import { compileFingerprints } from './fingerprints.ts'
import { BadPattern } from './pattern-tree.ts'
import { translatePattern } from './translate.ts'

const matches = (pattern: string, text: string, flags: readonly string[] = []): readonly (string | undefined)[] | null => {
  const { source, groups } = translatePattern(pattern, flags)
  const found = new RegExp(source, 'm').exec(text)
  return found === null ? null : Array.from({ length: groups }, (_, index) => found.groups?.[`g${index + 1}`])
}

test('patterns of Ruby and Java mean the same', () => {
  const cases: readonly (readonly [string, string, boolean, (readonly string[])?])[] = [
    ['(?i)^abc-[x-z]$', 'ABC-Y', true], ['(?i:abc)d', 'ABCd', true], ['(?i:abc)d', 'ABCD', false], ['^a(?i)bc$', 'aBC', true], ['^a(?i)bc$', 'ABC', false], ['(?i)a(?-i)b', 'Ab', true], ['(?i)a(?-i)b', 'AB', false],
    ['a.c', 'a\nc', false], ['a.c', 'a\rc', true], ['(?m)a.c', 'a\nc', true], ['(?im:A.c)', 'a\nC', true], ['a.c', 'a\nc', true, ['REG_DOT_NEWLINE']], ['abc', 'ABC', true, ['REG_ICASE']],
    ['^b$', 'a\nb\nc', true], ['\\Ab', 'a\nb', false], ['\\Aa', 'a\nb', true], ['b\\z', 'b\n', false], ['b\\Z', 'b\n', true], ['b\\Z', 'b\nc', false],
    ['^\\h+$', '09afAF', true], ['^\\h+$', 'xyz', false], ['^[[:alpha:]]+[[:digit:][:punct:]]$', 'ab/', true], ['^[[:upper:]]$', 'a', false], ['[]a]b', ']b', true], ['[^]]b', ']b', false], ['[[a]b', '[b', true],
    ['^a++b', 'aaab', true], ['^a++a', 'aaa', false], ['(?>a|ab)c', 'abc', false], ['(?>a|ab)c', 'ac', true], ['^(?:ab){2}$', 'abab', true], ['^a{,2}$', 'aa', true], ['^a{2}$', 'aaa', false],
    ['(a)(b)\\2\\1', 'abba', true], ['(?<=x)y(?!z)', 'xy', true], ['(?<=x)y(?!z)', 'xyz', false], ['\\x41\\u0042\\x{43}', 'ABC', true], ['[\\x00-\\x1f]', '\t', true], ['a\\/b\\-c\\ d', 'a/b-c d', true], ['[\\w.-]+', 'a-b.c', true],
  ]
  for (const [pattern, text, expected, flags] of cases) assert.equal(matches(pattern, text, flags) !== null, expected, `${pattern} over ${JSON.stringify(text)}`)
})

test('groups keep their numbers beside named and atomic ones', () => {
  assert.deepEqual(matches('^(a)(?>(b)+)(?<version>\\d+)(?:(c)|d)$', 'abb12d'), ['a', 'b', '12', undefined])
  assert.deepEqual(matches('((?i)x)(y++)', 'Xyy'), ['X', 'yy'])
})

test('what the dialects have beyond that is refused with a reason', () => {
  for (const pattern of ['(', ')', 'a)', '[a', '(?x) a b', '[a&&b]', '\\p{L}', '(?<!', 'a{3000}', '*a', '^*', '(?(1)a|b)', '\\', '(?#comment)', '[z-a]', '('.repeat(100)]) {
    assert.throws(() => translatePattern(pattern, []), BadPattern, pattern)
  }
})

test('no pattern is taken that only trying could match, for ages', () => {
  assert.throws(() => translatePattern('^(a+)+(?=b)', []), BadPattern)
  assert.throws(() => translatePattern('^((a*)*)\\1$', []), BadPattern)
  // This one the engine without backtracking takes over: no flag i, nothing that looks ahead.
  const { source } = translatePattern('(?i)^(a+)+$', [])
  assert.doesNotMatch(source, /\(\?[=!]|\\k/)
})

test('counts are written so that the engine without backtracking can do them, and mean the same', () => {
  for (const [pattern, source] of [['a{1,512}b', 'a+b'], ['(?:ab){20}', '(?:ab)'.repeat(20)], ['a{2,40}', 'a{2,}'], ['(?:a{4}){8}', '(?:aaaa){8}'], ['a{3}', 'a{3}'], ['a{30,}?', `${'a'.repeat(30)}a*?`], ['(?:a{1,3}){1,3}', '(?:a{1,3}){1,3}']] as const) {
    assert.equal(translatePattern(pattern, []).source, source)
  }
  for (const [pattern, text, expected] of [['^a{20}$', 'a'.repeat(20), true], ['^a{20}$', 'a'.repeat(21), false], ['^(?:[0-9a-f]{4}:){17}$', 'beef:'.repeat(17), true], ['^(?:[0-9a-f]{4}:){17}$', 'beef:'.repeat(16), false]] as const) {
    assert.equal(matches(pattern, text) !== null, expected, pattern)
  }
  for (const pattern of ['^(?:a{1,512}b?){1,512}(?=!)', '(a{1,9}){1,9}\\1', '(?=a*a*a*b)', '(?:(a){20}b?){20}(?:x{1,9}){1,9}']) assert.throws(() => translatePattern(pattern, []), BadPattern, pattern)
})

test('a text that must occur is known before a pattern is tried', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['^OpenSSH_([\\d.]+)', ['openssh_']], ['foo|barbaz', ['foo', 'barbaz']], ['a|barbaz', []], ['(?:Open)?SSHserver', ['sshserver']], ['(?:Cisco IOS) x', ['cisco ios x']], ['(?:one|two) three', [' three']], ['ab+cdef', ['cdef']], ['(?!no)yes', ['yes']],
  ]
  for (const [pattern, needs] of cases) assert.deepEqual(translatePattern(pattern, []).needs, needs, pattern)
})

const fingerprint = (order: number, pattern: string, params: Fingerprint['params'], rest: Partial<Fingerprint> = {}): Fingerprint => ({
  record: 'fingerprint', file: 'a.xml', order, matches: 'ssh.banner', preference: 0.9, pattern, flags: [], description: '', params, examples: [], ...rest,
})

test('the first in file order wins; params are filled in', () => {
  const version = { pos: 1, name: 'service.version' }
  const cpe = { pos: 0, name: 'service.cpe23', value: 'cpe:/a:x:y:{service.version}' }
  const all = compileFingerprints([
    fingerprint(2, '^x', [{ pos: 0, name: 'service.product', value: 'late' }]),
    fingerprint(0, '^xyz(?:_([\\d.]+))?$', [cpe, version, { pos: 0, name: 'service.product', value: 'first' }]),
    fingerprint(1, '^(x', []),
    fingerprint(0, 'hello', [{ pos: 0, name: '__proto__', value: 'x' }], { matches: 'ftp.banner' }),
  ])
  assert.deepEqual([...all.find('ssh.banner', 'xyz_1.2')!.params], [['service.cpe23', 'cpe:/a:x:y:1.2'], ['service.version', '1.2'], ['service.product', 'first']])
  assert.equal(all.find('ssh.banner', 'xyz')!.params.get('service.cpe23'), 'cpe:/a:x:y:-')
  assert.equal(all.find('ssh.banner', 'xa')!.params.get('service.product'), 'late')
  assert.equal(all.find('ssh.banner', 'other'), null)
  assert.equal(all.find('pop3.banner', 'xyz'), null)
  assert.equal(all.find('ftp.banner', 'hello')!.params.get('__proto__'), 'x')
  assert.deepEqual(all.unusable().map(({ fingerprint: { order } }) => order), [1])
  assert.deepEqual([all.knows('ssh.banner'), all.knows('x')], [true, false])
})

test('texts without end are cut', () => {
  const all = compileFingerprints([fingerprint(0, 'needle', [])])
  assert.equal(all.find('ssh.banner', `${'x'.repeat(5000)}needle`), null)
})
