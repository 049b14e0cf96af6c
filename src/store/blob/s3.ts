import { AwsClient } from 'aws4fetch'
import { BlobMissing, checkKey, type BlobStore } from './blob-store.ts'

export type S3Options = Readonly<{
  /** `https://host/bucket`, path style, no trailing slash. */
  bucket: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}>

const partBytes = 8 * 1024 * 1024

/**
 * Blobs in a bucket of any S3 API. A body up to one part goes as a single PUT; a longer one as a multipart upload, so that memory stays at
 * one part and an aborted body leaves no object. Errors name the status and the service's code, never the keys.
 */
export function s3Blobs(options: S3Options): BlobStore {
  const client = new AwsClient({ accessKeyId: options.accessKeyId, secretAccessKey: options.secretAccessKey, region: options.region, service: 's3', retries: 3 })
  const at = (key: string, query = ''): string => `${options.bucket}/${checkKey(key)}${query}`
  const send = async (method: string, url: string, body?: Uint8Array | string): Promise<Response> => {
    const response = await client.fetch(url, { method, ...(body === undefined ? {} : { body: body as never }) })
    if (!response.ok && response.status !== 404) {
      const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec((await response.text()).slice(0, 4096))?.[1] ?? 'no code'
      throw new Error(`The blob store answered ${response.status} (${code}) to ${method}`)
    }
    return response
  }

  return {
    async put(key, body) {
      const parts = inParts(body)
      const first = await parts.next()
      const second = first.done === true ? first : await parts.next()
      if (second.done === true) {
        await send('PUT', at(key), first.done === true ? new Uint8Array() : first.value)
        return
      }
      const upload = textOf(await (await send('POST', at(key, '?uploads'))).text(), 'UploadId')
      const query = `uploadId=${encodeURIComponent(upload)}`
      try {
        const tags: string[] = []
        const upload = async (part: Uint8Array): Promise<void> => {
          const response = await send('PUT', at(key, `?partNumber=${tags.length + 1}&${query}`), part)
          tags.push(response.headers.get('etag') ?? '')
        }
        await upload(first.value as Uint8Array)
        await upload(second.value)
        for await (const part of parts) await upload(part)
        const list = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag.replace(/"/g, '&quot;')}</ETag></Part>`)
        await send('POST', at(key, `?${query}`), `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`)
      } catch (error) {
        await send('DELETE', at(key, `?${query}`)).catch(() => {})
        throw error
      }
    },
    async *get(key) {
      const response = await send('GET', at(key))
      if (response.status === 404) throw new BlobMissing(key)
      if (response.body !== null) yield* response.body as unknown as AsyncIterable<Uint8Array>
    },
    async drop(prefix) {
      if (!prefix.endsWith('/')) {
        const known = await send('HEAD', at(prefix))
        if (known.status === 404) return 0
        await send('DELETE', at(prefix))
        return 1
      }
      let count = 0
      for (;;) {
        const listing = await (await send('GET', `${options.bucket}?list-type=2&max-keys=1000&prefix=${encodeURIComponent(checkKey(prefix))}`)).text()
        const keys = [...listing.matchAll(/<Key>([^<]+)<\/Key>/g)].map((found) => unescapeXml(found[1]!))
        if (keys.length === 0) return count
        for (const key of keys) await send('DELETE', at(key))
        count += keys.length
      }
    },
  }
}

async function* inParts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    held.push(piece)
    size += piece.length
    if (size >= partBytes) {
      yield Buffer.concat(held)
      held = []
      size = 0
    }
  }
  if (size > 0) yield Buffer.concat(held)
}

function textOf(xml: string, element: string): string {
  const found = new RegExp(`<${element}>([^<]{1,1024})</${element}>`).exec(xml)
  if (found === null) throw new Error(`The blob store's answer has no ${element}`)
  return unescapeXml(found[1]!)
}

function unescapeXml(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&apos;/g, "'").replace(/&amp;/g, '&')
}
