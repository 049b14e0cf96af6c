import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleWords } from './words.ts'

test('every kind of condition is told, and what joins them stands above', () => {
  assert.equal(
    ruleWords({
      all: [
        { field: 'name', is: ['http', 'https'] },
        { any: [{ field: 'headers.server', has: 'nginx' }, { field: 'body', matches: '^ok', flags: 'i' }] },
        { none: [{ field: 'facts.auth', is: true }] },
        { field: 'version', version: '>=1.2 <1.4' },
        { field: 'cookies', exists: false },
        { field: 'certificate.notAfter', below: { field: '$seen', plus: 1_209_600_000 } },
        { field: 'bits', above: 1024 },
      ],
    }),
    [
      'all of these hold:',
      '  name is “http” or “https”',
      '  at least one of these holds:',
      '    headers.server contains “nginx”',
      '    body matches /^ok/i',
      '  none of these holds:',
      '    facts.auth is true',
      '  version is a version in >=1.2 <1.4',
      '  cookies is missing',
      '  certificate.notAfter is below the time of the look plus 14 days',
      '  bits is above 1024',
    ].join('\n'),
  )
})

test('one condition alone needs no heading', () => {
  assert.equal(ruleWords({ all: [{ field: 'name', exists: true }] }), 'name is there')
})
