import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const folder = mkdtempSync(join(tmpdir(), 'vigil-verify-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const asset = '00000000-0000-7000-8000-000000000001'
const at = { asset, address: '127.0.0.1', port: 80, proto: 'tcp' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const request = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (compatible; Vigil scanner)\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n'

function bundle(): any {
  return {
    format: 'vigil-proof/1', finding: { id: 'f', title: 'A page says hello', at: { ...at, path: '/' }, result: 'hello', severity: 3, type: 'confirmed', seen: '2026-11-24T00:00:00Z' },
    check: {
      number: 7, decidedBy: 1, signature: {
        id: 7, version: 1, title: 'A page says hello', category: 'Web application', severity: 3, type: 'confirmed', on: 'http', when: { field: 'body', has: 'hello' }, result: 'It says {match}', cve: [], cwe: [], threat: '', impact: '', solution: '',
        references: [], products: [], published: '2026-01-01', changed: '2026-01-01',
      },
    },
    proof: {
      check: 'http@1', control: [], matched: [], exchanges: [{ over: 'tcp', to: '127.0.0.1:80', sent: base64(request), received: base64('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'), cut: false, at: 0, took: 1 }],
      trigger: { kind: 'service', at, data: { name: 'http', tls: false, facts: {} } },
    },
  }
}

function verify(content: unknown): Readonly<{ status: number | null; said: string }> {
  const path = join(folder, 'proof.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  const run = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('../src/main.ts', import.meta.url)), 'verify', path], { encoding: 'utf8' })
  return { status: run.status, said: run.stdout + run.stderr }
}

test('a downloaded proof is decided again; with other bytes it does not hold', () => {
  const good = verify(bundle())
  assert.equal(good.status, 0, good.said)
  assert.match(good.said, /^HOLDS: /m)
  const other = bundle()
  other.proof.exchanges[0].received = base64('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother')
  assert.equal(verify(other).status, 1)
})

const spoilt: Readonly<Record<string, (one: any) => unknown>> = {
  'no JSON': () => '{"format":', 'another format': (one) => ({ ...one, format: 'x' }), 'no exchange': (one) => void (one.proof.exchanges = [null]), 'bytes that are no text': (one) => void (one.proof.exchanges[0].received = 5),
  'turns that are none': (one) => void (one.proof.exchanges[0].turns = [-5, 'x']), 'no control': (one) => void (one.proof.control = 7), 'no name of a look': (one) => void (one.proof.check = null),
  'a trigger of nothing': (one) => void (one.proof.trigger = {}), 'a trigger nowhere': (one) => void (one.proof.trigger.at = null), 'a trigger that lacks what it holds': (one) => void (one.proof.trigger.data = {}),
}

test('a file that is none, or holds what no proof holds, is refused by name and nothing breaks', () => {
  for (const [name, spoil] of Object.entries(spoilt)) {
    const one = bundle()
    const { status, said } = verify(spoil(one) ?? one)
    assert.equal(status, 2, `${name}: ${said}`)
    assert.match(said, /is no proof of a finding/, name)
  }
  const rule = bundle()
  rule.check.signature.when = { field: 'body', matches: '(a+)+$' }
  const { status, said } = verify(rule)
  assert.equal(status, 3, said)
  assert.match(said, /cannot be read/)
})
