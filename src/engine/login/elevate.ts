import { failed, type Failure } from '../net.ts'
import { hangUp, type Output, type RunOptions, type SshCredential, type SshSession } from './ssh-session.ts'

/** How commands that need root are run. `null`: as the user alone, with why. */
export type Rights = Readonly<{ root: true; run(command: string, options?: RunOptions): Promise<Output | Failure> }> | Readonly<{ root: false; why: string }>

const prompt = 'vigil-asks-once:'

/** Finds out what it takes to be root here. Says the password of sudo or su at most once, to its own prompt, on standard input: no terminal, no echo. */
export async function becomeRoot(session: SshSession, credential: SshCredential): Promise<Rights> {
  const who = await session.run(marked('id -u'))
  if (!failed(who) && bodyOf(who)?.text.trim() === '0') return { root: true, run: (command, options) => session.run(marked(command), options) }
  const { elevate } = credential
  if (elevate === undefined) return { root: false, why: 'the record names no way to become root' }
  const secret = elevate.password ?? (elevate.by === 'sudo' ? credential.password : undefined)
  if (elevate.by === 'sudo') {
    const bare = (command: string): string => `sudo -n -- sh -c ${quoted(marked(command))}`
    if (await isRoot(session.run(bare('id -u')))) return { root: true, run: (command, options) => session.run(bare(command), options) }
    if (secret === undefined) return { root: false, why: 'sudo wants a password, and the record has none' }
    return asking(session, secret, (command) => `sudo -S -p ${quoted(prompt)} -- sh -c ${quoted(marked(command))}`, prompt, 'sudo')
  }
  if (secret === undefined) return { root: false, why: 'su wants the password of root, and the record has none' }
  return asking(session, secret, (command) => `LC_ALL=C su root -c ${quoted(marked(command))}`, /[Pp]assword: ?$/, 'su')
}

async function asking(session: SshSession, secret: string, wrap: (command: string) => string, question: string | RegExp, name: string): Promise<Rights> {
  const run = async (command: string, options?: RunOptions): Promise<Output | Failure> => {
    let said = false
    return session.run(wrap(command), {
      ...options,
      answer(stderr) {
        const asked = typeof question === 'string' ? stderr.includes(question) : question.test(stderr)
        if (!asked && !said) return null
        // Asked again: it was wrong, and a second try would count towards a lock-out.
        if (said) return asksAgain(stderr, question) ? hangUp : null
        said = true
        return `${secret}\n`
      },
    })
  }
  const first = await run('id -u')
  if (await isRoot(Promise.resolve(first))) return { root: true, run }
  const detail = failed(first) ? first.text : (first.stderr.replaceAll(prompt, '').split('\n').map((line) => line.trim()).findLast((line) => line !== '') ?? '')
  return { root: false, why: `${name} did not make the user root${detail === '' ? '' : `: ${detail.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 160)}`}` }
}

function asksAgain(stderr: string, question: string | RegExp): boolean {
  return typeof question === 'string' ? stderr.split(question).length > 2 : (stderr.match(/[Pp]assword: ?/g)?.length ?? 0) > 1
}

async function isRoot(output: Promise<Output | Failure>): Promise<boolean> {
  const result = await output
  return !failed(result) && bodyOf(result)?.text.trim() === '0'
}

const mark = '\u001e'

/** Marks where the output of a command begins and ends, since shells of users greet; and its exit code. Says nothing but in the tongue of machines. */
export function marked(command: string): string {
  return `exec env LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin sh -c ${quoted(`printf '\\036'; ${command}\nprintf '\\036%d' "$?"`)}`
}

/** What the command itself said; null: it never ran. */
export function bodyOf({ stdout }: Output): Readonly<{ text: string; code: number | null }> | null {
  const from = stdout.indexOf(mark)
  if (from < 0) return null
  const to = stdout.indexOf(mark, from + 1)
  if (to < 0) return { text: stdout.slice(from + 1), code: null }
  return { text: stdout.slice(from + 1, to), code: Number.parseInt(stdout.slice(to + 1), 10) }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
