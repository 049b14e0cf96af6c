import { helpers } from '#core/template/helper-names.ts'

/** What a script finds in its world, as JavaScript: its modules, built over one function that asks the host. Bytes go to and fro as hex. */
export function guestPrelude(values: Readonly<Record<string, unknown>>): string {
  return `(() => {
    const hostCall = globalThis.__call, { parse, stringify } = JSON
    delete globalThis.__call
    const ask = (module, name, ...of) => { const answer = parse(hostCall(stringify([module, name, of]))); if ('error' in answer) throw new Error(answer.error); return answer.value }
    const toHex = (bytes) => Array.from(bytes, (byte) => (byte & 255).toString(16).padStart(2, '0')).join('')
    const fromHex = (hex) => { const out = new Uint8Array(hex.length / 2); for (let at = 0; at < out.length; at++) out[at] = parseInt(hex.substr(at * 2, 2), 16); return out }
    const utf8 = (text) => { const out = []; for (const letter of String(text)) { const code = letter.codePointAt(0)
      if (code < 128) out.push(code); else if (code < 2048) out.push(192 | code >> 6, 128 | code & 63)
      else if (code < 65536) out.push(224 | code >> 12, 128 | code >> 6 & 63, 128 | code & 63)
      else out.push(240 | code >> 18, 128 | code >> 12 & 63, 128 | code >> 6 & 63, 128 | code & 63) } return out }
    const latin = (bytes) => { let text = ''; for (const byte of bytes) text += String.fromCharCode(byte); return text }
    const bytesOf = (data) => typeof data === 'string' ? utf8(data) : Array.from(data ?? [], Number)
    const addressed = (address) => String(address)
    class Connection {
      #id
      constructor(id) { this.#id = id }
      #read(most) { return ask('net', 'recv', this.#id, Number(most) || 0) }
      #full(most) { let hex = ''; const want = Number(most) || 0
        for (let turn = 0; turn < 30 && (want === 0 || hex.length < want * 2); turn++) { try { hex += this.#read(want === 0 ? 65536 : want - hex.length / 2) } catch (error) { if (hex === '') throw error; break } if (want === 0) break }
        return hex }
      Send(data) { ask('net', 'send', this.#id, toHex(bytesOf(data))) }
      SendArray(data) { ask('net', 'send', this.#id, toHex(bytesOf(data))) }
      SendHex(hex) { ask('net', 'send', this.#id, String(hex).replace(/\\s+/g, '')) }
      SetTimeout(seconds) { ask('net', 'timeout', this.#id, Number(seconds)) }
      Recv(most) { return Array.from(fromHex(this.#read(most))) }
      RecvFull(most) { return Array.from(fromHex(this.#full(most))) }
      RecvHex(most) { return this.#read(most) }
      RecvFullHex(most) { return this.#full(most) }
      RecvString(most) { return latin(fromHex(this.#read(most))) }
      RecvFullString(most) { return latin(fromHex(this.#full(most))) }
      Close() { ask('net', 'close', this.#id) }
    }
    class Buffer {
      #bytes = []
      constructor(data) { if (data !== undefined) this.#bytes.push(...bytesOf(data)) }
      Write(data) { this.#bytes.push(...bytesOf(data)); return this }
      WriteString(text) { this.#bytes.push(...utf8(text)); return this }
      Bytes() { return this.#bytes.slice() }
      String() { return latin(this.#bytes) }
      Len() { return this.#bytes.length }
      Hex() { return toHex(this.#bytes) }
      Hexdump() { return toHex(this.#bytes) }
    }
    // Called with or without new.
    const made = (Class) => new Proxy(Class, { apply: (target, self, of) => new target(...of) })
    const client = (module, names) => made(class { constructor() { for (const name of names) this[name] = (...of) => ask(module, name, ...of); this.Close = this.SetTimeout = () => {} } })
    const asking = (module, names) => Object.fromEntries(names.map((name) => [name, (...of) => ask(module, name, ...of)]))
    const modules = {
      net: { Open: (protocol, address) => new Connection(ask('net', 'open', protocol, addressed(address))), OpenTLS: (protocol, address) => new Connection(ask('net', 'openTls', protocol, addressed(address))) },
      bytes: { Buffer: made(Buffer) },
      ssh: { SSHClient: client('ssh', ['ConnectSSHInfoMode']) },
      smb: { SMBClient: client('smb', ['ListSMBv2Metadata']) },
      redis: asking('redis', ['GetServerInfo', 'IsAuthenticated']),
      rsync: asking('rsync', ['IsRsync']), rdp: asking('rdp', ['IsRDP']), oracle: asking('oracle', ['IsOracle']), telnet: asking('telnet', ['IsTelnet']),
      mssql: { MSSQLClient: client('mssql', ['IsMssql']) }, mysql: { MySQLClient: client('mysql', ['IsMySQL', 'FingerprintMySQL']) }, postgres: { PGClient: client('postgres', ['IsPostgres']) },
      vnc: { IsVNC: (...of) => ask('vnc', 'IsVNC', ...of), VNCClient: client('vnc', ['IsVNC']) },
    }
    globalThis.require = (name) => { const module = modules[String(name).replace(/^nuclei\\//, '')]; if (module === undefined) throw new Error('no module ' + name); return module }
    globalThis.isPortOpen = (host, port) => ask('port', 'tcp', Number(port))
    globalThis.isUDPPortOpen = (host, port) => ask('port', 'udp', Number(port))
    globalThis.toBytes = (data) => bytesOf(data); globalThis.toString = (data) => typeof data === 'string' ? data : latin(data)
    globalThis.ToBytes = globalThis.toBytes; globalThis.ToString = globalThis.toString
    globalThis.to_json = (data) => stringify(data); globalThis.to_array = (data) => Array.from(data)
    globalThis.hex_to_ascii = (hex) => latin(fromHex(String(hex)))
    globalThis.log = (data) => data; globalThis.console = { log: () => {} }
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    globalThis.btoa = (text) => { let out = ''; const bytes = Array.from(String(text), (letter) => letter.charCodeAt(0))
      for (let at = 0; at < bytes.length; at += 3) { const group = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0); out += alphabet[group >> 18 & 63] + alphabet[group >> 12 & 63] + (at + 1 < bytes.length ? alphabet[group >> 6 & 63] : '=') + (at + 2 < bytes.length ? alphabet[group & 63] : '=') } return out }
    globalThis.atob = (text) => { let out = '', held = 0, bits = 0; for (const letter of String(text)) { const at = alphabet.indexOf(letter); if (at < 0) continue; held = held << 6 | at; bits += 6; if (bits >= 8) { bits -= 8; out += String.fromCharCode(held >> bits & 255); held &= (1 << bits) - 1 } } return out }
    for (const name of ${JSON.stringify(Object.keys(helpers))}) if (globalThis[name] === undefined) globalThis[name] = (...of) => ask('dsl', name, ...of)
    Math.random = () => 0.5
    const fixed = 1700000000000, Real = Date
    globalThis.Date = class extends Real { constructor(...all) { all.length === 0 ? super(fixed) : super(...all) } static now() { return fixed } }
    const given = parse(${JSON.stringify(JSON.stringify(values))})
    globalThis.template = given; globalThis.__exported = []
    for (const name of Object.keys(given)) if (/^[A-Za-z_$][\\w$]*$/.test(name) && !(name in globalThis)) globalThis[name] = given[name]
    globalThis.set = (name, value) => { given[name] = value; globalThis[name] = value; return null }
    globalThis.Export = (...all) => { globalThis.__exported.push(...all); return null }
    globalThis.ExportAs = (name, value) => { globalThis.__exported.push({ [name]: value }); return null }
  })()`
}
