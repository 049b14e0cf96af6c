import type { Dsl, Text } from './dsl.ts'

/**
 * A template of the nuclei language, compiled once when the KnowledgeBase is built: plain JSON, so that a scanner reads it back with JSON.parse and
 * interprets no YAML. What cannot be compiled is refused by reason (src/core/template/compile.ts), never half understood.
 */
export type Plan = Readonly<{
  /** The template's id; unique. */
  id: string
  tags: readonly string[]
  /** In the order in which they are worked out; a later one may use an earlier one. */
  variables: readonly (readonly [name: string, value: Text])[]
  /** Values fixed by the template (`constants`). */
  constants?: Readonly<Record<string, string>>
  /** In the order of the file. */
  blocks: readonly Block[]
  /** How the blocks hang together; absent: in order, and each for itself. */
  flow?: Flow
  /** It needs the callback listener: without one it is not run, and the ledger says so. */
  callback: boolean
  /** The most that it does to a target. */
  effect: Effect
  /** Any of these suggests the product is there; empty: it is for everybody. src/core/template/fit.ts */
  fits: readonly Fit[]
  /** Requests it sends at most, payloads counted; what the profile's bound is held against. */
  requests: number
}>

/**
 * Side effects of a look at a target, from least to most. `passive`: only what was received anyway; `harmless`: asks, changes nothing; `login`: tries credentials;
 * `intrusive`: may leave something behind or disturb. Nothing that is meant to deny service is ever above none: such templates are never compiled for a scan.
 */
export type Effect = 'passive' | 'harmless' | 'login' | 'intrusive' | 'dos'

/** A hint that a product is there: lower-case text in what the field names. `favicon`: mmh3 of the icon as Shodan counts it. `name`: product or vendor as in CPE. */
export type Fit = Readonly<{ in: 'title' | 'body' | 'header' | 'favicon' | 'name' | 'service' | 'port'; is: string }>

export type Flow =
  /** `http(1) && http(2)`: places in `blocks`, from 0. */
  | Readonly<{ kind: 'chain'; of: Chain }>
  /** JavaScript, run in a sandbox without any input or output but the blocks themselves, counted for each protocol from 1 or called by their name. */
  | Readonly<{ kind: 'script'; source: string }>
export type Chain = Readonly<{ block: number } | { all: readonly Chain[] } | { any: readonly Chain[] } | { not: Chain }>

export type Block = HttpBlock | TcpBlock | DnsBlock | SslBlock | ScriptBlock

type Judged = Readonly<{
  /** `id:` of the block, by which a later one refers to what it saw. */
  name?: string
  matchers: readonly Matcher[]
  /** `or` unless said otherwise. */
  condition: 'and' | 'or'
  extractors: readonly Extractor[]
}>

export type HttpBlock = Judged & Readonly<{
  protocol: 'http'
  /** Each entry is one request; several stand in order and may use what earlier ones extracted. */
  requests: readonly HttpRequestPlan[]
  payloads: Payloads | null
  redirects: Readonly<{ follow: 'never' | 'host' | 'scope'; most: number }>
  /** One cookie jar over the requests of the template; off where `disable-cookie`. */
  cookies: boolean
  stopAtFirst: boolean
  /** Bytes of a body that are looked at. */
  bodyMost: number
  /**
   * What answers say is kept numbered beside its plain name (`body_1`, `status_code_2`, counted from 1 over the requests of the block), and each answer is judged with all that is
   * there so far; a condition that names one still to come does not hold.
   */
  together: boolean
  /** Sends nothing; judges every answer that any template got (`global-matchers`). */
  global: boolean
  /** A request in which a name stays unknown is sent with the braces in it, instead of not at all (`skip-variables-check`). */
  sendUnresolved: boolean
  /** The path of the target's URL goes before the path of the request, unless false (`disable-path-automerge`). */
  joinPath: boolean
  /** Reads on until the server closes, whatever length it told (`read-all`). */
  readAll: boolean
  digest?: Readonly<{ user: Text; password: Text }>
  /** Must hold over the variables before anything is sent. */
  before?: Readonly<{ of: readonly Dsl[]; condition: 'and' | 'or' }>
  /** A request is sent once for each value that an earlier one extracted, not only for the first. */
  iterateAll: boolean
}>

export type HttpRequestPlan =
  | Readonly<{ kind: 'path'; method: string; path: Text; headers: readonly (readonly [string, Text])[]; body: Text | null }>
  /** Written out: request line, headers, body. `unsafe`: byte for byte as it stands, nothing added, nothing mended. Annotations as `@timeout` (in seconds). */
  | Readonly<{ kind: 'raw'; text: Text; unsafe: boolean; timeout?: number; host?: Text; serverName?: Text; once: boolean }>

export type Payloads = Readonly<{ attack: 'batteringram' | 'pitchfork' | 'clusterbomb'; sets: readonly Readonly<{ name: string; values: readonly Text[] }>[] }>

export type TcpBlock = Judged & Readonly<{
  protocol: 'tcp'
  /** `{{Hostname}}`, `{{Host}}:2121`, `tls://{{Host}}:443`; whatever host a template names, only the target is spoken to. */
  addresses: readonly Text[]
  ports: readonly number[]
  inputs: readonly Readonly<{ data: Text; hex: boolean; read: number; name?: string }>[]
  read: number
  readAll: boolean
  payloads: Payloads | null
  stopAtFirst: boolean
}>

export type DnsBlock = Judged & Readonly<{ protocol: 'dns'; domain: Text; type: string; class: string; recursion: boolean; retries: number; trace: boolean; payloads: Payloads | null; stopAtFirst: boolean }>

export type SslBlock = Judged & Readonly<{ protocol: 'ssl'; address: Text; minVersion?: string; maxVersion?: string; ciphers?: readonly string[]; enumerate?: Readonly<{ versions: boolean; ciphers: boolean }> }>

/** The protocol `javascript`: its modules are ours (src/engine/template/module/), and reach nothing but the target. */
export type ScriptBlock = Judged & Readonly<{
  protocol: 'javascript'
  source: string
  before?: string
  init?: string
  arguments: readonly (readonly [string, Text])[]
  payloads: Payloads | null
  stopAtFirst: boolean
  ports: readonly number[]
}>

type MatcherBase = Readonly<{
  /** Part of the answer: `body`, `header`, `all`, `response`, `raw`, `interactsh_protocol`, `body_2`, a name given by an extractor, …. */
  part: string
  condition: 'and' | 'or'
  negative: boolean
  name?: string
  /** Decides about going on, and is not shown as a match. */
  internal: boolean
  /** Goes over all matches of `part` instead of the first hit. */
  matchAll?: boolean
}>
export type Matcher = MatcherBase & Readonly<
  | { type: 'status'; values: readonly number[] }
  | { type: 'size'; values: readonly number[] }
  | { type: 'word'; words: readonly Text[]; ignoreCase: boolean }
  | { type: 'regex'; patterns: readonly Pattern[] }
  /** Bytes in hex. */
  | { type: 'binary'; bytes: readonly string[] }
  | { type: 'dsl'; of: readonly Dsl[] }
  | { type: 'xpath'; paths: readonly string[]; attribute?: string }
>

/**
 * An RE2 pattern, already translated: `new RegExp(source, flags)`, over bytes as Latin-1; its groups are numbered as they were. `needs`: texts in lower case (ASCII) of which one occurs in
 * whatever matches, once its case is ignored; empty: nothing is known.
 */
export type Pattern = Readonly<{ source: string; flags: string; needs: readonly string[]; original: string }>

type ExtractorBase = Readonly<{ part: string; name?: string; internal: boolean; ignoreCase: boolean }>
export type Extractor = ExtractorBase & Readonly<
  | { type: 'regex'; patterns: readonly Pattern[]; group: number }
  | { type: 'kval'; keys: readonly string[] }
  | { type: 'json'; queries: readonly string[] }
  | { type: 'xpath'; paths: readonly string[]; attribute?: string }
  | { type: 'dsl'; of: readonly Dsl[] }
>

/** Why a template is not run, in one of few words (the reader's text stands in src/knowledge/import/runnable.ts). */
export type Refusal = Readonly<{ reason: string; text: string }>
