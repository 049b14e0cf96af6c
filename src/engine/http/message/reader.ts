import type { Failure } from '../../net.ts'
import { chunkReader, type ChunkReader } from './chunks.ts'
import { headEnd, headMost, statusLine, type StatusLine } from './head.ts'

/** An answer as it came, before its content codings are undone. */
export type Message = StatusLine & Readonly<{
  head: string
  /** All bytes from the first interim answer on. */
  wire: Buffer
  /** Out of its chunks. */
  body: Buffer
  coding: string
  cut: boolean
  /** The connection may be used again. */
  keep: boolean
}>

const interimMost = 5
const nothing = Buffer.alloc(0)
const phase = { head: 0, length: 1, chunks: 2, close: 3, alien: 4 } as const
type Phase = (typeof phase)[keyof typeof phase]

/**
 * Reads one answer out of pieces of any size. What comes whole in one piece is copied once; a class, since one lives as long as a request and there
 * are a hundred thousand of them a second.
 */
export class MessageReader {
  readonly #method: string
  readonly #most: number
  #own: Buffer = nothing
  #length = 0
  #phase: Phase = phase.head
  #interim = 0
  #start = 0
  #looked = 0
  #bodyAt = 0
  #need = 0
  #chunks: ChunkReader | null = null
  #line: StatusLine = { version: '0.9', status: 0, reason: '' }
  #head = ''
  #coding = ''
  #keep = false
  #cut = false
  #end = 0
  failure: Failure | null = null

  /** `most`: bytes of a body that are taken off the wire. */
  constructor(method: string, most: number) {
    this.#method = method
    this.#most = most
  }

  /** Whether anything came. */
  get heard(): boolean {
    return this.#length > 0
  }

  /** It does not begin like HTTP/1: there is no telling where it ends. */
  get alien(): boolean {
    return this.#phase === phase.alien
  }

  /** Takes the first `length` of `bytes`; true: the answer is whole, or will not be (`failure`). */
  feed(bytes: Buffer, length: number): boolean {
    const first = this.#length === 0
    if (!first) this.#append(bytes, length)
    const view = first ? bytes : this.#own
    const end = first ? length : this.#length
    const done = this.#advance(view, end)
    if (first) {
      // What is whole is copied to its end alone.
      if (done) this.#own = copyOf(bytes, Math.min(length, this.#end))
      else this.#append(bytes, length)
      this.#length = length
    }
    if (done && end > this.#end) this.#keep = false
    return done
  }

  /** Nothing more will come: the peer closed, it was cut, or it is late. False: there is no answer; a head cut off tells, one that is merely late does not. */
  finish(why: 'ended' | 'cut' | 'late'): boolean {
    if (this.#length === 0) return false
    this.#end = this.#length
    this.#keep = false
    if (this.#phase === phase.head) {
      if (why === 'late') return false
      this.#takeHead(this.#own, this.#length)
      if (this.#phase === phase.head) this.#bodyAt = this.#length
    } else if (why !== 'ended' || (this.#phase !== phase.close && this.#phase !== phase.alien)) this.#cut = true
    return true
  }

  message(): Message {
    const wire = this.#end === this.#own.length ? this.#own : this.#own.subarray(0, this.#end)
    const chunks = this.#chunks
    const body = chunks === null ? wire.subarray(this.#bodyAt) : chunks.body(wire)
    const { version, status, reason } = this.#line
    return { version, status, reason, head: this.#head, wire, body, coding: this.#coding, cut: this.#cut, keep: this.#keep }
  }

  #append(bytes: Buffer, length: number): void {
    const needed = this.#length + length
    if (needed > this.#own.length) {
      const grown = Buffer.allocUnsafe(Math.max(1024, needed, Math.min(this.#own.length * 2, this.#most * 2 + headMost), Math.min(this.#need, this.#most + headMost)))
      this.#own.copy(grown, 0, 0, this.#length)
      this.#own = grown
    }
    bytes.copy(this.#own, this.#length, 0, length)
    this.#length = needed
  }

  #advance(view: Buffer, end: number): boolean {
    while (this.#phase === phase.head) {
      if (!isHttp(view, this.#start, end)) {
        this.#line = { version: '0.9', status: 0, reason: '' }
        this.#head = ''
        this.#bodyAt = this.#start
        this.#phase = phase.alien
        break
      }
      const at = headEnd(view, Math.max(this.#start, this.#looked - 3), end)
      this.#looked = end
      if (at < 0 || at - this.#start > headMost) {
        if (end - this.#start < headMost) return false
        this.failure = { failed: 'protocol', text: `more than ${headMost} bytes without an end` }
        return true
      }
      this.#takeHead(view, at)
      const { status } = this.#line
      if (this.#phase === phase.head && status >= 100 && status < 200 && status !== 101 && this.#interim < interimMost) {
        this.#interim += 1
        this.#start = at
        this.#looked = at
        if (at >= end) return false
        continue
      }
      if (this.#phase === phase.head) this.#frame()
    }
    return this.#body(view, end)
  }

  #body(view: Buffer, end: number): boolean {
    if (this.#phase === phase.length) {
      if (end < this.#need) return false
      this.#end = this.#need
      return true
    }
    if (this.#phase === phase.chunks) {
      const at = this.#chunks!.feed(view, end)
      if (at < 0 && end - this.#bodyAt < this.#most * 2 + headMost) return false
      this.#end = at < 0 ? this.#bodyAt + this.#most * 2 + headMost : at
      if (at < 0 || this.#chunks!.cut()) this.#stop()
      return true
    }
    if (end - this.#bodyAt < this.#most) return false
    this.#end = this.#bodyAt + this.#most
    this.#stop()
    return true
  }

  #stop(): void {
    this.#cut = true
    this.#keep = false
  }

  #takeHead(view: Buffer, at: number): void {
    this.#head = view.toString('latin1', this.#start, at)
    this.#bodyAt = at
    const line = statusLine(this.#head)
    if (line !== null) {
      this.#line = line
      return
    }
    this.#line = { version: '0.9', status: 0, reason: '' }
    this.#head = ''
    this.#bodyAt = this.#start
    this.#phase = phase.alien
  }

  /** How the body ends, by the few headers that tell; the others are not looked at here. */
  #frame(): void {
    const { version, status } = this.#line
    const head = this.#head
    const end = head.length
    let length = -1
    let chunked = false
    let lied = false
    this.#keep = version === '1.1'
    for (let at = lineAfter(head, 0), next = at; at < end; at = next) {
      next = lineAfter(head, at)
      // c or t, and as long as content-length, content-encoding, connection or transfer-encoding: no other line is looked at.
      const letter = head.charCodeAt(at) | 32
      if (letter !== 99 && letter !== 116) continue
      const colon = head.indexOf(':', at)
      const size = colon - at
      if (size < 10 || size === 12 || colon >= next) continue
      const name = head.slice(at, colon).trimEnd().toLowerCase()
      if (!framing.has(name)) continue
      const value = head.slice(colon + 1, next).trim()
      if (name === 'content-length') {
        const said = digits(value)
        if (said < 0) lied = true
        else if (length < 0) length = said
        else if (length !== said) lied = true
      } else if (name === 'transfer-encoding') chunked = /(?:^|,)\s*chunked$/i.test(value)
      else if (name === 'content-encoding') this.#coding = this.#coding === '' ? value : `${this.#coding},${value}`
      else this.#keep = /close/i.test(value) ? false : this.#keep || (version === '1.0' && /keep-alive/i.test(value))
    }
    // Who says two lengths, or a length and chunks, is not believed to have ended where the answer seems to.
    if (lied || (chunked && length >= 0)) this.#keep = false
    if (this.#method === 'HEAD' || status === 204 || status === 304 || status < 200 || (this.#method === 'CONNECT' && status < 300)) {
      if (status < 200 || this.#method === 'CONNECT') this.#keep = false
      this.#phase = phase.length
      this.#need = this.#bodyAt
    } else if (chunked) {
      this.#phase = phase.chunks
      this.#chunks = chunkReader(this.#most, this.#bodyAt)
    } else if (length >= 0) {
      this.#phase = phase.length
      this.#need = this.#bodyAt + Math.min(length, this.#most)
      if (length > this.#most) this.#stop()
    } else {
      this.#phase = phase.close
      this.#keep = false
    }
  }
}

const framing: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'content-encoding', 'connection'])

function lineAfter(head: string, from: number): number {
  const at = head.indexOf('\n', from)
  return at < 0 ? head.length + 1 : at + 1
}

/** -1: not a length. */
function digits(text: string): number {
  if (text.length === 0 || text.length > 15) return -1
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 48 || text.charCodeAt(at) > 57) return -1
  return Number(text)
}

function isHttp(view: Uint8Array, start: number, end: number): boolean {
  for (let at = 0; at < 5 && start + at < end; at++) if (view[start + at] !== magic[at]) return false
  return true
}
const magic = Buffer.from('HTTP/')

function copyOf(bytes: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length)
  bytes.copy(copy, 0, 0, length)
  return copy
}
