import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { LabService, Listener } from '../service.ts'

type Page = Readonly<{
  status?: number
  type?: string
  body: string
  headers?: Readonly<Record<string, string | readonly string[]>>
}>

const html = 'text/html; charset=utf-8'
const safeHeaders = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
}

/** All values are made up; the keys are those that scanners know by heart. */
const exposed: Readonly<Record<string, Page>> = {
  '/': {
    type: html,
    body:
      '<html><head><title>Index of /</title></head><body><h1>Index of /</h1><a href="backup.sql">backup.sql</a>' +
      '<form action="/login"><input type="password" name="p"></form></body></html>',
    headers: { 'set-cookie': ['PHPSESSID=practice; path=/'], 'x-powered-by': 'PHP/7.4.33' },
  },
  '/.git/HEAD': { type: 'text/plain', body: 'ref: refs/heads/main\n' },
  '/.git/config': {
    type: 'text/plain',
    body: '[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = https://git.lab.example/shop.git\n',
  },
  '/.env': { type: 'text/plain', body: 'APP_NAME=Practice\nDB_HOST=127.0.0.1\nDB_PASSWORD=not-a-real-password\n' },
  '/backup.sql': { type: 'application/sql', body: '-- MySQL dump 10.13  Distrib 5.7.44\nCREATE TABLE `users` (`id` int);\n' },
  '/phpinfo.php': {
    type: html,
    body: '<html><head><title>PHP 7.4.33 - phpinfo()</title></head><body><h1 class="p">PHP Version 7.4.33</h1></body></html>',
  },
  '/server-status': {
    type: html,
    body: '<html><head><title>Apache Status</title></head><body><h1>Apache Server Status for 127.0.0.1</h1></body></html>',
  },
  '/actuator/env': {
    type: 'application/json',
    body: '{"activeProfiles":["prod"],"propertySources":[{"name":"systemProperties"}]}',
  },
}

export const site: LabService = {
  name: 'HTTP',
  wrong: 'sources, secrets, a dump and status pages open; TRACE; login form in the clear; Apache 2.4.49, PHP 7.4',
  better: 'nothing but the page, with all headers; no version told',
  expects: [150001, 150002, 150011, 150041, 150061, 150063, 151001, 152003, 152012, 152021, 152042, 152051, 60501, 70003],
  weak: [{ kind: 'tcp', port: 80, talk: http(weakSite) }],
  twin: [{ kind: 'tcp', port: 80, talk: http(goodSite) }],
}

function weakSite(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('server', 'Apache/2.4.49 (Unix)')
  if (request.method === 'TRACE') {
    const lines = [
      `TRACE ${request.url ?? '/'} HTTP/1.1`,
      ...Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`),
    ]
    give(request, response, { type: 'message/http', body: `${lines.join('\r\n')}\r\n\r\n` })
  } else
    give(
      request,
      response,
      exposed[request.url ?? ''] ?? {
        status: 404,
        type: html,
        body: '<html><title>404 Not Found</title><h1>Not Found</h1></html>',
      },
    )
}

function goodSite(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('server', 'Apache')
  const isRoot = request.url === '/' && (request.method === 'GET' || request.method === 'HEAD')
  const page: Page = isRoot
    ? { body: '<html><title>Welcome</title><h1>Welcome</h1></html>' }
    : { status: request.url === '/' ? 405 : 404, body: '<html><title>Not here</title></html>' }
  give(request, response, { ...page, type: html, headers: safeHeaders })
}

function give(request: IncomingMessage, response: ServerResponse, page: Page): void {
  for (const [name, value] of Object.entries(page.headers ?? {})) response.setHeader(name, value)
  response.writeHead(page.status ?? 200, {
    'content-type': page.type ?? 'application/json',
    'content-length': Buffer.byteLength(page.body),
  })
  response.end(request.method === 'HEAD' ? '' : page.body)
}

/** Node's own HTTP over a connection that the range accepted. */
function http(listener: RequestListener): (socket: Socket) => void {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, listener)
  return (socket) => {
    server.emit('connection', socket)
  }
}

export function secureSite(old: SecureContextOptions, current: SecureContextOptions): LabService {
  const listen = (context: SecureContextOptions, site: RequestListener): Listener => ({
    kind: 'tls',
    port: 443,
    context,
    talk: http(site),
  })
  return {
    name: 'HTTPS',
    wrong: 'TLS 1.0, expired self-signed certificate with a small key and SHA-1',
    better: 'TLS 1.2 and 1.3 (its certificate comes from the range’s own authority, which no scanner trusts)',
    expects: [12001, 12004, 12007, 12008, 12023, 12025, 12032, 152001],
    weak: [
      listen(old, (request, response) => give(request, response, { type: html, body: '<html><title>Old shop</title></html>' })),
    ],
    twin: [listen(current, goodSite)],
  }
}

/** Routes by path to JSON; the twin asks for a key whatever the path. */
function api(
  name: string,
  port: number,
  wrong: string,
  expects: readonly number[],
  routes: readonly (readonly [RegExp, string])[],
  headers: Readonly<Record<string, string>> = {},
): LabService {
  const open: RequestListener = (request, response) => {
    const body = routes.find(([path]) => path.test(request.url ?? ''))?.[1]
    give(
      request,
      response,
      body === undefined
        ? { status: 404, body: '{"message":"page not found"}', headers }
        : { body, headers, type: body.startsWith('{') || body.startsWith('[') ? 'application/json' : 'text/plain' },
    )
  }
  const closed: RequestListener = (request, response) => {
    give(request, response, {
      status: 401,
      body: '{"message":"a key is needed"}',
      headers: { ...safeHeaders, 'www-authenticate': 'ApiKey' },
    })
  }
  return {
    name,
    wrong,
    better: 'asks for a key',
    expects,
    weak: [{ kind: 'tcp', port, talk: http(open) }],
    twin: [{ kind: 'tcp', port, talk: http(closed) }],
  }
}

const dockerVersion = JSON.stringify({
  Platform: { Name: 'Docker Engine - Community' },
  Version: '19.03.15',
  ApiVersion: '1.40',
  MinAPIVersion: '1.12',
  Os: 'linux',
  Arch: 'amd64',
  KernelVersion: '5.10.0',
})

export const docker = api(
  'Docker API',
  2375,
  'takes orders without a login; release out of support',
  [42001, 70213],
  [
    [/^(\/v1\.\d+)?\/_ping$/, 'OK'],
    [/^(\/v1\.\d+)?\/version/, dockerVersion],
    [/^(\/v1\.\d+)?\/containers\/json/, '[{"Id":"0f1e2d3c","Names":["/shop"],"Image":"shop:latest","State":"running"}]'],
  ],
  { 'api-version': '1.40', 'docker-experimental': 'false', server: 'Docker/19.03.15 (linux)' },
)

export const elasticsearch = api(
  'Elasticsearch',
  9200,
  'gives its indices without a login; out of support',
  [40131, 60405, 70206],
  [
    [
      /^\/$/,
      JSON.stringify({
        name: 'node-1',
        cluster_name: 'practice',
        cluster_uuid: 'abc',
        version: { number: '7.17.9', build_flavor: 'default', lucene_version: '8.11.1' },
        tagline: 'You Know, for Search',
      }),
    ],
    [/^\/_cat\/indices\?.*format=json/, '[{"index":"customers","docs.count":"42"}]'],
    [/^\/_cat\/indices/, 'green open customers abc 1 0 42 0 10kb 10kb\n'],
    [/^\/_cluster\/health/, '{"cluster_name":"practice","status":"green","number_of_nodes":1}'],
  ],
  { 'x-elastic-product': 'Elasticsearch' },
)
