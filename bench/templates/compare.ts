import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scannerFlags } from '../../src/command/scanner-process.ts'
import { compileFeed } from './compiled.ts'

/** Runs in a network namespace of its own with nothing but loopback in it: whatever a template names, no packet gets out. Arguments: the folder of feeds, one for work, one in how many templates. */
const [feeds, folder, every] = process.argv.slice(2) as [string, string, string]
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const compiled = compileFeed(feeds, folder, Number(every))
const pack = join(folder, 'pack.zst')
writeFileSync(pack, compiled.pack)
writeFileSync(join(folder, 'files.txt'), compiled.files.join('\n'))

// As the built-in scanner is run, and as it is once installed: with its code compiled, as peers come.
const flags = scannerFlags(['--disable-warning=ExperimentalWarning', '--enable-experimental-regexp-engine-on-excessive-backtracks', '--regexp-backtracks-before-fallback=20000'])
const server = spawn(process.execPath, [...flags, at('./serve.ts')], { stdio: ['pipe', 'pipe', 'inherit'] })
const served = JSON.parse(await line(server.stdout)) as { name: string; port: number }[]
const ports = JSON.stringify(served.map(({ port }) => port))
const nameOf = new Map(served.map(({ name, port }) => [String(port), name]))

async function line(stream: NodeJS.ReadableStream): Promise<string> {
  const [bytes] = (await once(stream, 'data')) as [Buffer]
  return bytes.toString()
}

async function requests(): Promise<number> {
  server.stdin.write('?\n')
  return (JSON.parse(await line(server.stdout)) as number[]).reduce((sum, one) => sum + one, 0)
}

type Run = Readonly<{ found: readonly string[]; seconds: number; cpu: number; peak: number; requests: number }>

/** Time and memory as the kernel counts them for the program and its children. */
async function run(command: string, words: readonly string[], read: () => readonly string[]): Promise<Run> {
  const before = await requests()
  const began = performance.now()
  const script = 'import os,resource,subprocess,sys,json\nr=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.PIPE,env=dict(os.environ))\nu=resource.getrusage(resource.RUSAGE_CHILDREN)\nprint(json.dumps([u.ru_utime+u.ru_stime,u.ru_maxrss,r.returncode,r.stderr.decode(errors="replace")[-2000:]]))'
  const child = spawn('python3', ['-c', script, command, ...words], { env: { ...process.env, HOME: folder, NUCLEI_CONFIG_DIR: join(folder, 'config') }, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  await once(child, 'close')
  const [cpu, peak, code, err] = JSON.parse(out) as [number, number, number, string]
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${err}`)
  return { found: read(), seconds: (performance.now() - began) / 1000, cpu, peak: peak / 1024, requests: (await requests()) - before }
}

function named(found: readonly string[]): readonly string[] {
  return [...new Set(found.map((one) => one.replace(/^\d+/, (port) => nameOf.get(port) ?? port)))].sort()
}

const ours = (which: string) => () => named(JSON.parse(readFileSync(join(folder, `${which}.json`), 'utf8')) as string[])
await run(process.execPath, [...flags, at('./ours.ts'), pack, '[]', join(folder, 'none.json'), 'all'], ours('none'))
const all = await run(process.execPath, [...flags, at('./ours.ts'), pack, ports, join(folder, 'all.json'), 'all'], ours('all'))
const fitting = await run(process.execPath, [...flags, at('./ours.ts'), pack, ports, join(folder, 'fitting.json'), 'fitting'], ours('fitting'))

mkdirSync(join(folder, 'config'), { recursive: true })
writeFileSync(join(folder, 'targets.txt'), served.map(({ port }) => `http://127.0.0.1:${port}`).join('\n'))
let nuclei: Run | null = null
try {
  nuclei = await run('nuclei', ['-l', join(folder, 'targets.txt'), '-t', join(folder, 'files.txt'), '-jsonl', '-o', join(folder, 'nuclei.jsonl'), '-duc', '-ni', '-nh', '-or', '-silent', '-nc', '-rl', '100000', '-c', '25', '-bs', '25', '-mhe', '100000', '-timeout', '5', '-retries', '0'], () => named(readFileSync(join(folder, 'nuclei.jsonl'), 'utf8').split('\n').filter((one) => one !== '').map((one) => {
    const { host, port, 'template-id': id, 'matcher-name': matcher } = JSON.parse(one) as Record<string, string>
    return `${port ?? /:(\d+)/.exec(host ?? '')?.[1] ?? ''} ${id}${matcher === undefined || matcher === '' ? '' : `:${matcher}`}`
  })))
} catch (error) {
  process.stderr.write(`${String(error)}\n`)
}
server.stdin.end()
process.stdout.write(`${JSON.stringify({ templates: compiled.files.length, targets: served.length, all, fitting, nuclei })}\n`)
