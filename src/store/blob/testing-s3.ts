import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export const testKeys = { accessKeyId: 'TESTKEY', secretAccessKey: 'test/secret+key', region: 'eu-test-1' } as const

/**
 * A bucket for tests that speaks the S3 REST API over loopback and checks Signature Version 4 by its own arithmetic, since no S3
 * server is in Debian. It pages listings by two, so that a client that does not go on is found out.
 */
export async function startTestBucket(): Promise<Readonly<{ url: string; objects: ReadonlyMap<string, Buffer>; pending(): number; close(): Promise<void> }>> {
  const objects = new Map<string, Buffer>()
  const uploads = new Map<string, Map<number, Buffer>>()
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request)
      const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
      const key = decodeURIComponent(url.pathname.replace(/^\/bucket\/?/, ''))
      const upload = url.searchParams.get('uploadId')
      const answer = (status: number, text: string | Buffer = '', headers: Record<string, string> = {}): void => void response.writeHead(status, headers).end(text)
      if (!isSigned(request, url, body)) return answer(403, '<Error><Code>SignatureDoesNotMatch</Code></Error>')
      if (request.method === 'GET' && url.searchParams.get('list-type') === '2') {
        const keys = [...objects.keys()].filter((name) => name.startsWith(url.searchParams.get('prefix') ?? '')).sort().slice(0, 2)
        return answer(200, `<ListBucketResult>${keys.map((name) => `<Contents><Key>${name}</Key></Contents>`).join('')}</ListBucketResult>`)
      }
      if (request.method === 'POST' && url.searchParams.has('uploads')) {
        const id = `upload/${uploads.size}+x`
        uploads.set(id, new Map())
        return answer(200, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
      }
      if (upload !== null) {
        const parts = uploads.get(upload)
        if (parts === undefined) return answer(404, '<Error><Code>NoSuchUpload</Code></Error>')
        if (request.method === 'PUT') {
          parts.set(Number(url.searchParams.get('partNumber')), body)
          return answer(200, '', { etag: `"${createHash('md5').update(body).digest('hex')}"` })
        }
        uploads.delete(upload)
        if (request.method === 'DELETE') return answer(204)
        const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>&quot;([0-9a-f]{32})&quot;<\/ETag>/g)]
        objects.set(key, Buffer.concat(named.map((part) => parts.get(Number(part[1]))!)))
        return answer(200, '<CompleteMultipartUploadResult/>')
      }
      const known = objects.get(key)
      if (request.method === 'PUT') {
        objects.set(key, body)
        return answer(200)
      }
      if (request.method === 'DELETE') {
        objects.delete(key)
        return answer(204)
      }
      if (known === undefined) return answer(404, '<Error><Code>NoSuchKey</Code></Error>')
      return answer(200, request.method === 'HEAD' ? '' : known)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket`,
    objects,
    pending: () => uploads.size,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
  const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '')
  if (found === null) return false
  const [, id, date, region, names, signature] = found as unknown as [string, string, string, string, string, string]
  const payload = String(request.headers['x-amz-content-sha256'] ?? '')
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== createHash('sha256').update(body).digest('hex')) return false
  const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&')
  const canonical = [
    request.method, url.pathname, query,
    ...names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`), '', names, payload,
  ].join('\n')
  const scope = `${date}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [date, region, 's3', 'aws4_request'].reduce<Buffer | string>((secret, part) => createHmac('sha256', secret).update(part).digest(), `AWS4${testKeys.secretAccessKey}`)
  const expected = createHmac('sha256', key).update(text).digest()
  return id === testKeys.accessKeyId && timingSafeEqual(expected, Buffer.from(signature, 'hex'))
}
