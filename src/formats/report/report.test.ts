import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { readXlsx } from 'hucre/xlsx'
import { reportFormats, type ReportFormat } from './formats.ts'
import type { Report, ReportFinding, ReportHead } from './model.ts'

const hostile = '=HYPERLINK("http://127.0.0.1")<script>alert(1)</script>\u0000\u202e"\r\n日本語 ✓ \\x00'

const finding: ReportFinding = {
  id: '01890000-0000-7000-8000-000000000001', host: 'web.test', address: '127.0.0.1', port: 80, proto: 'tcp', instance: '/.git/HEAD',
  signature: 150001, title: `Git repository exposed ${hostile}`, category: 'Web', severity: 4, type: 'confirmed', status: 'new',
  cve: ['CVE-2021-41773'], cwe: ['CWE-538'], cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', baseScore: 7.5, score: 70,
  first: Date.UTC(2026, 0, 1), last: Date.UTC(2026, 0, 2), fixed: null, ignored: false, result: hostile, note: null,
  sent: 'GET /.git/HEAD HTTP/1.1\r\n', received: hostile, threat: 'Threat', impact: 'Impact', solution: 'Solution', references: [],
}

const head: ReportHead = {
  title: `Technical report ${hostile}`, kind: 'technical', organisation: hostile, scope: 'all assets', generated: Date.UTC(2026, 0, 3), generatedBy: 'Ada',
  release: 'abcdef0123456789', open: [1, 2, 3, 4, 0], status: { new: 5, active: 4, reopened: 1, fixed: 7 }, ignored: 2,
  coverage: { hosts: 12, tested: 10, lastTested: Date.UTC(2026, 0, 2), notTested: [{ reason: 'did not answer', hosts: 2 }] },
  trend: [{ day: '2026-01-01', open: 9 }, { day: '2026-01-02', open: 7 }],
  fixes: [{ signature: 150001, title: hostile, severity: 4, hosts: 3, share: 0.42 }],
  hosts: [{ name: hostile, risk: 730, open: [0, 1, 2, 1, 0] }], count: 2,
}

function report(count = 2, kind: ReportHead['kind'] = 'technical'): Report {
  return {
    head: { ...head, kind, count },
    async *findings() {
      for (let index = 0; index < count; index++) yield { ...finding, id: `${finding.id.slice(0, -6)}${String(index).padStart(6, '0')}` }
    },
  }
}

async function render(format: ReportFormat, of = report()): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of reportFormats[format].write(of)) parts.push(part)
  return Buffer.concat(parts)
}

test('HTML escapes all that came from outside', async () => {
  const page = (await render('html')).toString()
  assert.equal(page.includes('<script>'), false)
  assert.ok(page.includes('&#60;script&#62;alert(1)'))
  assert.equal((page.match(/<article>/g) ?? []).length, 2)
  assert.ok(page.includes('10 of 12 hosts') && page.includes('did not answer'))
  assert.equal(/src=|href=|url\(/.test(page), false)
})

test('the executive report has no findings, the technical one has', async () => {
  assert.equal((await render('html', report(2, 'executive'))).toString().includes('<article>'), false)
})

test('CSV parses back, and no cell is a formula', async () => {
  const rows = parse(await render('csv'), { columns: true, bom: true }) as Record<string, string>[]
  assert.equal(rows.length, 2)
  assert.equal(rows[0]!['severity'], '4')
  for (const row of rows) for (const cell of Object.values(row)) assert.equal(/^[=+\-@\t\r]/.test(cell), false, cell)
})

test('XLSX reads back', async () => {
  const book = await readXlsx(await render('xlsx'))
  const rows = book.sheets[0]!.rows
  assert.equal(rows.length, 3)
  assert.equal(rows[0]![0], 'id')
  assert.ok(String(rows[1]![7]).startsWith('Git repository exposed'))
})

test('JSON and SARIF are whole documents', async () => {
  const json = JSON.parse((await render('json')).toString()) as { findings: ReportFinding[]; report: ReportHead }
  assert.deepEqual(json.findings[0]!.result, hostile)
  assert.equal(json.report.count, 2)
  const sarif = JSON.parse((await render('sarif')).toString()) as { version: string; runs: { results: { ruleId: string; ruleIndex: number; level: string }[]; tool: { driver: { rules: { id: string }[] } } }[] }
  assert.equal(sarif.version, '2.1.0')
  const run = sarif.runs[0]!
  assert.equal(run.results.length, 2)
  for (const result of run.results) assert.equal(run.tool.driver.rules[result.ruleIndex]!.id, result.ruleId)
  assert.equal(run.results[0]!.level, 'error')
})

test('PDF holds the text, with hostile characters and scripts of many lands', async () => {
  const pdf = await render('pdf')
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')
  assert.ok(pdf.includes('%%EOF'))
  assert.ok(pdf.length > 20_000)
})

test('a PDF reads back: findings with their proof, and what a long one leaves out', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-pdf-'))
  context.after(() => rm(folder, { recursive: true }))
  const few = { ...report(2), head: { ...head, count: 5000 } }
  await writeFile(join(folder, 'r.pdf'), await render('pdf', few))
  const read = spawnSync('pdftotext', ['-layout', join(folder, 'r.pdf'), '-'], { encoding: 'utf8' })
  assert.equal(read.error, undefined, 'pdftotext is missing: apt-get install poppler-utils')
  for (const part of ['4 Critical', 'web.test (127.0.0.1):80/tcp', 'CVE-2021-41773', 'GET /.git/HEAD HTTP/1.1', '10 of 12 hosts', '4,998 findings more are not shown']) {
    assert.ok(read.stdout.includes(part), `"${part}" is not in:\n${read.stdout.slice(0, 3000)}`)
  }
  assert.equal(/[\u202a-\u202e]/.test(read.stdout), false)
})

test('empty reports say so', async () => {
  for (const format of ['html', 'csv', 'xlsx', 'json', 'sarif', 'pdf'] as const) assert.ok((await render(format, report(0))).length > 0)
})

test('a failing source fails the report instead of ending it early', async () => {
  const broken: Report = {
    head,
    async *findings() {
      yield finding
      throw new Error('the database went away')
    },
  }
  for (const format of ['html', 'csv', 'xlsx', 'json', 'sarif', 'pdf'] as const) await assert.rejects(render(format, broken), /database went away/, format)
})
