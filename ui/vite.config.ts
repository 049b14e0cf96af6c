import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Compresses once at build what would else be compressed for every visitor. */
function compress(folder: string): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        const path = join(folder, name)
        if (!/\.(?:js|css|html|svg|json)$/.test(name) || statSync(path).size < 1024) continue
        const bytes = readFileSync(path)
        writeFileSync(`${path}.br`, brotliCompressSync(bytes))
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}

// `vigil` builds beside and swaps, so that nobody is served half a console.
const dist = process.env['VIGIL_CONSOLE_OUT'] ?? fileURLToPath(new URL('dist', import.meta.url))

/** Everything the console needs lies in the build: no font, script or picture comes from elsewhere, and none is inlined. */
// oxlint-disable-next-line import/no-default-export
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react(), tailwindcss(), compress(dist)],
  build: {
    outDir: dist,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: '127.0.0.1',
    // For work on the console: `VIGIL_URL=http://127.0.0.1:8443 vite` shows the pages over a running platform.
    proxy: process.env['VIGIL_URL'] === undefined ? {} : { '/api': { target: process.env['VIGIL_URL'], changeOrigin: false, secure: false } },
  },
})
