import { cveOfNumber } from '#core/knowledge/number.ts'
import { planFile } from '#core/template/pack.ts'
import type { Plan } from '#core/template/plan.ts'
import { unpackBody } from '#knowledge/body.ts'
import type { CheckBody, CheckRow, KnowledgeBase, VulnerabilityDetail } from '#knowledge/knowledge-base.ts'
import { ruleOf } from './check-rule.ts'
import type { CheckDetail } from './schemas.ts'

const nowhere = { affected: { findings: 0, hosts: 0, fixed: 0, q: '' }, worst: [] } as const

/** A check of the KnowledgeBase file by its number: one with a row of its own there, or the ranges of a vulnerability. */
export async function knownCheck(knowledge: KnowledgeBase, id: number): Promise<CheckDetail | null> {
  const found = await knowledge.check(id)
  if (found !== null) return ofCheck(found.row, found.body, found.changes, found.row.runnable ? await planOf(knowledge, found.body) : null)
  const vulnerability = await knowledge.vulnerability(cveOfNumber(id) ?? String(id))
  return vulnerability === null ? null : ofVulnerability(vulnerability)
}

type Changes = VulnerabilityDetail['changes']

async function planOf(knowledge: KnowledgeBase, body: CheckBody): Promise<Plan | null> {
  const bytes = 'record' in body && body.record === 'template' ? await knowledge.file(planFile + body.key) : null
  return bytes === null ? null : unpackBody<Plan>(bytes)
}

function ofCheck(row: CheckRow, body: CheckBody, changes: Changes, plan: Plan | null): CheckDetail {
  return {
    id: row.id, version: row.version, title: row.title, category: row.category, severity: row.severity, type: row.type, cve: [...row.cve],
    published: dayOf(row.published), changed: dayOf(row.changed), retired: false, ...nowhere, affected: { ...nowhere.affected, q: `check:${row.id}` }, worst: [],
    ...textsOf(body),
    origin: { source: row.source, key: row.key, runnable: row.runnable, why: row.why, vulnerability: row.cve[0] ?? null },
    rule: ruleOf(body, plan),
    changes: changes.map((one) => ({ ...one })),
  }
}

type Texts = Pick<CheckDetail, 'kind' | 'cvssScore' | 'cwe' | 'cvss' | 'products' | 'pci' | 'threat' | 'impact' | 'solution' | 'references'>
const noTexts: Texts = { kind: '', cvssScore: null, cwe: [], cvss: null, products: [], pci: null, threat: '', impact: '', solution: '', references: [] }

function textsOf(body: CheckBody): Texts {
  if (!('record' in body)) {
    return {
      kind: body.on, cvssScore: body.score ?? null, cwe: [...body.cwe], cvss: body.cvss ?? null, products: [...body.products], pci: body.pci ?? null, threat: body.threat, impact: body.impact,
      solution: body.solution, references: [...body.references],
    }
  }
  if (body.record === 'template') {
    return {
      ...noTexts, kind: 'template', cvssScore: body.cvssScore ?? null, cwe: [...body.cwe], cvss: body.cvss ?? null, threat: body.description ?? '', impact: body.impact ?? '',
      solution: body.remediation ?? '', references: [...body.references], products: body.product === undefined ? [] : [`${body.vendor ?? body.product}:${body.product}`],
    }
  }
  if (body.record === 'library') return { ...noTexts, kind: 'library', threat: `Recognises the client-side library ${body.key} and its version.`, products: [body.key] }
  return {
    ...noTexts, kind: 'lifecycle', threat: `${body.title} gets no security fixes after its end of life.`, solution: 'Move to a version that its maker still supports.',
    references: body.link === undefined ? [] : [body.link], products: [body.key],
  }
}

function ofVulnerability(one: VulnerabilityDetail): CheckDetail {
  const { facts } = one
  const confirmed = one.detection.includes('package')
  return {
    ...noTexts, kind: 'vulnerability', id: one.id, version: 1, title: one.title, category: 'Vulnerable software', severity: one.severity, type: confirmed ? 'confirmed' : 'potential', cve: [one.name],
    cvssScore: one.score, cvss: one.cvss, published: dayOf(one.published), changed: dayOf(one.modified ?? one.published), retired: one.withdrawn !== null,
    cwe: [...(facts.cwe?.value ?? [])], products: [...one.products], threat: facts.details?.value ?? '', impact: facts.impact?.value ?? '', solution: facts.solution?.value ?? '',
    references: [...new Set(one.statements.flatMap(({ statement }) => statement.references.map((reference) => reference.url)))].slice(0, 100),
    affected: { findings: 0, hosts: 0, fixed: 0, q: `check:${one.id}` }, worst: [],
    origin: {
      source: one.statements[0]?.source ?? 'cve', key: one.name, runnable: one.affectedTotal > 0, why: one.affectedTotal > 0 ? null : 'no source says which versions are affected',
      vulnerability: one.name,
    },
    rule: null,
    changes: one.changes.map((change) => ({ ...change })),
  }
}

function dayOf(time: string | null): string | null {
  return time === null ? null : time.slice(0, 10)
}
