import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { VigilError } from '#core/errors.ts'
import { build } from '#knowledge/build/build.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { recogniseFolder } from '#knowledge/sync/recognise.ts'
import { ownSignatures } from '../../src/command/kb/own-signatures.ts'
import { until } from '../story/platform.ts'
import type { Caller } from './console-world.ts'

const slices = fileURLToPath(new URL('../feeds/', import.meta.url))
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'

/** A vulnerability of the practice range's Redis, as the NVD publishes one. Invented. */
const nvd = (id: string, text: string, before: string, score: number): unknown => ({
  cve: {
    id,
    published: '2026-03-02T03:04:05.123',
    lastModified: '2026-03-03T04:05:06.789',
    vulnStatus: 'Analyzed',
    descriptions: [{ lang: 'en', value: text }],
    metrics: {
      cvssMetricV31: [
        {
          source: 'nvd@nist.gov',
          type: 'Primary',
          cvssData: { version: '3.1', vectorString: vector, baseScore: score },
        },
      ],
    },
    weaknesses: [
      { source: 'nvd@nist.gov', type: 'Primary', description: [{ lang: 'en', value: 'CWE-416' }] },
    ],
    configurations: [
      {
        nodes: [
          {
            operator: 'OR',
            negate: false,
            cpeMatch: [
              {
                vulnerable: true,
                criteria: 'cpe:2.3:a:redis:redis:*:*:*:*:*:*:*:*',
                matchCriteriaId: '00000000-0000-4000-8000-000000000000',
                versionEndExcluding: before,
              },
            ],
          },
        ],
      },
    ],
    references: [{ url: 'https://redis.example/advisory', source: 'nvd@nist.gov', tags: ['Vendor Advisory'] }],
  },
})

const exploited = {
  title: 'CISA Catalog of Known Exploited Vulnerabilities',
  catalogVersion: '2026.03.09',
  dateReleased: '2026-03-09T16:45:47.0648Z',
  count: 1,
  vulnerabilities: [
    {
      cveID: 'CVE-2026-7001',
      vendorProject: 'Redis',
      product: 'Redis',
      vulnerabilityName: 'Redis Use-After-Free in the Lua Engine',
      dateAdded: '2026-03-08',
      shortDescription: 'Redis runs what a script hands it.',
      requiredAction: 'Apply updates.',
      dueDate: '2026-03-29',
      knownRansomwareCampaignUse: 'Known',
      notes: 'https://redis.example/advisory',
      cwes: ['CWE-416'],
    },
  ],
}

const advisory = {
  id: 'DSA-6999-1',
  modified: '2026-04-01T04:05:06Z',
  published: '2026-04-01T03:04:05Z',
  schema_version: '1.6.0',
  upstream: ['CVE-2026-7003'],
  summary: 'widget - security update',
  details: 'Widget reads past its buffer.',
  affected: [
    {
      package: { ecosystem: 'Debian:12', name: 'widget' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.2-3+deb12u1' }] }],
    },
  ],
  references: [{ type: 'ADVISORY', url: 'https://www.debian.org/security/dsa-6999' }],
}

const files: Readonly<Record<string, string>> = {
  'nvd/nvdcve-2.0-2026.json': JSON.stringify({
    resultsPerPage: 2,
    startIndex: 0,
    totalResults: 2,
    format: 'NVD_CVE',
    version: '2.0',
    timestamp: '2026-03-09T00:00:00.000',
    vulnerabilities: [
      nvd('CVE-2026-7001', 'Use after free in the Lua engine of Redis before 7.2.9 lets a script run code.', '7.2.9', 9.8),
      nvd('CVE-2026-7002', 'Redis before 6.0 can be made to stop by a pattern that is long.', '6.0', 5.5),
    ],
  }),
  'kev/known_exploited_vulnerabilities.json': JSON.stringify(exploited),
  'epss/epss_scores-current.csv': [
    '#model_version:v2026.03.14,score_date:2026-03-10T00:00:00+0000',
    'cve,epss,percentile',
    'CVE-2026-7001,0.94350,0.99960',
    'CVE-2026-7002,0.00042,0.05000',
    '',
  ].join('\n'),
  'osv/DSA-6999-1.json': JSON.stringify(advisory),
}

/** What the feeds hold that matches the practice range. */
export const knownOfRedis = 'CVE-2026-7001'
export const knownOfWidget = 'CVE-2026-7003'

/** Builds a release from a handful of feeds under a platform that runs, and waits until it judges with it. */
export async function buildKnowledge(data: string, call: Caller): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'vigil-feeds-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), text)
    }
    for (const name of ['nuclei-templates', 'retirejs', 'endoflife'])
      await cp(join(slices, name), join(root, name), { recursive: true })
    const folder = knowledgeFolder(data)
    const { imports } = await recogniseFolder(root)
    assert.ok(imports.length >= 6, `only ${imports.length} feeds were recognised`)
    // The platform may be putting its own checks into a release at the same moment: then it has the folder.
    const own = await ownSignatures(folder)
    const attempt = (): Promise<boolean> =>
      build(folder, [...own, ...imports], { force: true, tell: () => {} }).then(
        () => true,
        (error: unknown) => (error instanceof VigilError && error.code === 'knowledge.busy' ? false : Promise.reject(error)),
      )
    await until(attempt, (built) => built)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
  type Sources = { release: { name: string }; items: { name: string; state: string }[] }
  const { release } = await until(
    () => call.get<Sources>('/kb/sources'),
    (one) => one.items.some((source) => source.name === 'nvd' && source.state === 'ok'),
  )
  return release.name
}
