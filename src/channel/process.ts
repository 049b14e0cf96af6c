import type { ChildProcess } from 'node:child_process'
import { catalogue, VigilError, type ErrorCode } from '#core/errors.ts'
import type { ScannerChannel } from './channel.ts'

/** Either end of a pipe between two processes of one machine, as Node gives it to parent (`ChildProcess`) and child (`process`). */
export type Pipe = Pick<ChildProcess, 'on' | 'off'> & Readonly<{ send?: ((message: unknown, done: (error: Error | null) => void) => boolean) | undefined; connected: boolean }>

type Method = 'lease' | 'report' | 'finish' | 'content' | 'templates'
type Ask = Readonly<{ vigil: 'ask'; id: number; method: Method; args: readonly unknown[] }>
type Cancel = Readonly<{ vigil: 'cancel'; id: number }>
type Reply = Readonly<{ vigil: 'reply'; id: number; value?: unknown; failed?: Readonly<{ code: string | null; text: string; params: Readonly<Record<string, string | number>> }> }>

/** The scanner's end of the channel over the pipe to its parent: the built-in scanner, in a process of its own. */
export function processChannel(pipe: Pipe): ScannerChannel & Readonly<{ close(): void }> {
  const waiting = new Map<number, Readonly<{ resolve: (value: unknown) => void; reject: (error: Error) => void }>>()
  let next = 1

  const hear = (message: unknown): void => {
    if (!isMessage(message) || message.vigil !== 'reply') return
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.failed === undefined) call?.resolve(message.value)
    else call?.reject(errorOf(message.failed))
  }
  const hangUp = (): void => {
    for (const call of waiting.values()) call.reject(new Error('The platform process is gone.'))
    waiting.clear()
  }
  pipe.on('message', hear)
  pipe.on('disconnect', hangUp)

  const ask = async (method: Method, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> => {
    signal?.throwIfAborted()
    const id = next++
    const cancel = (): void => void send(pipe, { vigil: 'cancel', id }).catch(() => {})
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        send(pipe, { vigil: 'ask', id, method, args }).catch((error: Error) => {
          waiting.delete(id)
          reject(error)
        })
      })
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }
  return {
    lease: (me, most, signal) => ask('lease', [me, most], signal) as ReturnType<ScannerChannel['lease']>,
    report: (slice, seq, batch) => ask('report', [slice, seq, batch]) as ReturnType<ScannerChannel['report']>,
    finish: (slice, outcome) => ask('finish', [slice, outcome]) as Promise<void>,
    content: (have, line) => ask('content', [have, line]) as ReturnType<ScannerChannel['content']>,
    templates: (digest) => ask('templates', [digest]) as ReturnType<ScannerChannel['templates']>,
    close() {
      pipe.off('message', hear)
      pipe.off('disconnect', hangUp)
      hangUp()
    },
  }
}

/** The platform's end: answers what comes over the pipe from `channel`. What the child waits for ends with the child. */
export function serveProcessChannel(pipe: Pipe, channel: ScannerChannel): () => void {
  const running = new Map<number, AbortController>()

  const answer = async (message: Ask): Promise<void> => {
    const gone = new AbortController()
    running.set(message.id, gone)
    let reply: Reply
    try {
      const value = await run(channel, message.method, message.args, gone.signal)
      reply = { vigil: 'reply', id: message.id, value: value ?? null }
    } catch (error) {
      const known = error instanceof VigilError
      reply = { vigil: 'reply', id: message.id, failed: { code: known ? error.code : null, text: error instanceof Error ? error.message : String(error), params: known ? error.params : {} } }
    }
    running.delete(message.id)
    await send(pipe, reply).catch(() => {})
  }
  const hear = (message: unknown): void => {
    if (!isMessage(message)) return
    if (message.vigil === 'cancel') running.get(message.id)?.abort()
    if (message.vigil === 'ask') void answer(message)
  }
  const hangUp = (): void => {
    for (const call of running.values()) call.abort()
  }
  pipe.on('message', hear)
  pipe.on('disconnect', hangUp)
  return () => {
    pipe.off('message', hear)
    pipe.off('disconnect', hangUp)
    hangUp()
  }
}

function run(channel: ScannerChannel, method: Method, args: readonly unknown[], signal: AbortSignal): Promise<unknown> {
  switch (method) {
    case 'lease': return channel.lease(args[0] as never, args[1] as number, signal)
    case 'report': return channel.report(args[0] as string, args[1] as number, args[2] as never)
    case 'finish': return channel.finish(args[0] as string, args[1] as never)
    case 'content': return channel.content(args[0] as string, args[1] as string | undefined)
    case 'templates': return channel.templates(args[0] as string)
  }
}

function send(pipe: Pipe, message: Ask | Cancel | Reply): Promise<void> {
  return new Promise((resolve, reject) => {
    if (pipe.send === undefined || !pipe.connected) return reject(new Error('The other process is gone.'))
    pipe.send(message, (error) => (error === null ? resolve() : reject(error)))
  })
}

function isMessage(message: unknown): message is Ask | Cancel | Reply {
  return typeof message === 'object' && message !== null && 'vigil' in message
}

function errorOf({ code, text, params }: NonNullable<Reply['failed']>): Error {
  return code !== null && Object.hasOwn(catalogue, code) ? new VigilError(code as ErrorCode, params) : new Error(text)
}
