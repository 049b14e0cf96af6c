import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

type PdfMake = Readonly<{
  setFonts(fonts: Record<string, Record<string, string>>): void
  setUrlAccessPolicy(may: (url: string) => boolean): void
  setLocalAccessPolicy(may: (path: string) => boolean): void
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

const document = workerData as Record<string, unknown>
const footer = (page: number, pages: number): object => ({
  columns: [{ text: 'Vigil · not an ASV scan report', color: '#64748b', fontSize: 7 }, { text: `${page} / ${pages}`, alignment: 'right', color: '#64748b', fontSize: 7 }],
  margin: [44, 16, 44, 0],
})
const bytes = await pdfmake.createPdf({ ...document, footer }).getBuffer()
parentPort!.postMessage(new Uint8Array(bytes))
