import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type OpenStore } from '#store/open.ts'

/** Runs over an embedded database of its own, which is gone afterwards. */
export async function inStore(name: string, run: (opened: OpenStore, data: string) => Promise<void>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), `vigil-bench-${name}-`))
  // The server runs as another user when we are root.
  await chmod(data, 0o755)
  const opened = await openStore({ data })
  try {
    await run(opened, data)
  } finally {
    await opened.close()
    await rm(data, { recursive: true, force: true })
  }
}
