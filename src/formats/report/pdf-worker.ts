import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

type PdfMake = Readonly<{
  setFonts(fonts: Record<string, Record<string, string>>): void
  setUrlAccessPolicy(may: (url: string) => boolean): void
  setLocalAccessPolicy(may: (path: string) => boolean): void
  addTableLayouts(layouts: Record<string, unknown>): void
  createPdf(document: unknown, options?: unknown): { getBuffer(): Promise<Uint8Array> }
}>

const require = createRequire(import.meta.url)
const pdfmake = require('pdfmake') as PdfMake
const fonts = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf')

// A report holds text of targets: nothing in it may make the server fetch or read anything but the fonts.
pdfmake.setUrlAccessPolicy(() => false)
pdfmake.setLocalAccessPolicy((path) => path.startsWith(fonts))
pdfmake.setFonts({
  Sans: { normal: join(fonts, 'DejaVuSans.ttf'), bold: join(fonts, 'DejaVuSans-Bold.ttf'), italics: join(fonts, 'DejaVuSans-Oblique.ttf'), bolditalics: join(fonts, 'DejaVuSans-BoldOblique.ttf') },
  // Charts name this family.
  DejaVuSans: { normal: join(fonts, 'DejaVuSans.ttf'), bold: join(fonts, 'DejaVuSans-Bold.ttf'), italics: join(fonts, 'DejaVuSans-Oblique.ttf'), bolditalics: join(fonts, 'DejaVuSans-BoldOblique.ttf') },
  Mono: { normal: join(fonts, 'DejaVuSansMono.ttf'), bold: join(fonts, 'DejaVuSansMono-Bold.ttf'), italics: join(fonts, 'DejaVuSansMono-Oblique.ttf'), bolditalics: join(fonts, 'DejaVuSansMono-BoldOblique.ttf') },
})

const line = '#e2e8f0'
pdfmake.addTableLayouts({
  grid: {
    hLineWidth: (row: number, node: { table: { body: unknown[] } }) => (row === 0 || row === node.table.body.length ? 0 : 0.7),
    vLineWidth: () => 0, hLineColor: () => line, paddingLeft: () => 0, paddingRight: () => 8, paddingTop: () => 3, paddingBottom: () => 3,
  },
  proof: { hLineWidth: () => 0.5, vLineWidth: () => 0.5, hLineColor: () => line, vLineColor: () => line, fillColor: () => '#f8fafc', paddingLeft: () => 6, paddingRight: () => 6, paddingTop: () => 4, paddingBottom: () => 4 },
})

const document = workerData as Record<string, unknown>
const footer = (page: number, pages: number): object => ({
  columns: [{ text: 'Vigil · not an ASV scan report', color: '#64748b', fontSize: 7 }, { text: `${page} / ${pages}`, alignment: 'right', color: '#64748b', fontSize: 7 }],
  margin: [44, 16, 44, 0],
})
/** A finding's title does not stand alone at the foot of a page. */
const pageBreakBefore = (node: { headlineLevel?: number }, container: { getFollowingNodesOnPage(): unknown[] }): boolean =>
  node.headlineLevel === 1 && container.getFollowingNodesOnPage().length < 6
const bytes = await pdfmake.createPdf({ ...document, footer, pageBreakBefore }).getBuffer()
parentPort!.postMessage(new Uint8Array(bytes))
