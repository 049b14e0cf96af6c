import { refuse } from './fields.ts'

/**
 * Modules and functions that scripts of templates may use (src/engine/template/module/). What logs in with guessed passwords, writes, sends mail or reads files is not among them.
 */
export const scriptModules: Readonly<Record<string, readonly string[]>> = {
  net: ['Open', 'OpenTLS', 'Close', 'Recv', 'RecvFull', 'RecvFullHex', 'RecvFullString', 'RecvHex', 'RecvString', 'Send', 'SendArray', 'SendHex', 'SetTimeout'],
  bytes: ['Buffer', 'Bytes', 'Hex', 'Hexdump', 'Len', 'String', 'Write', 'WriteString'],
  ssh: ['SSHClient', 'ConnectSSHInfoMode', 'Close', 'SetTimeout'],
  smb: ['SMBClient', 'ListSMBv2Metadata'],
  redis: ['GetServerInfo', 'IsAuthenticated'],
  rsync: ['IsRsync'],
  rdp: ['IsRDP'],
  mssql: ['MSSQLClient', 'IsMssql'],
  mysql: ['MySQLClient', 'FingerprintMySQL', 'IsMySQL'],
  postgres: ['PGClient', 'IsPostgres'],
  vnc: ['VNCClient', 'IsVNC'],
  oracle: ['IsOracle'],
  telnet: ['IsTelnet'],
}

/** Refuses a script that needs more than its modules give. */
export function checkScript(source: string): void {
  const plain = source.replace(/\/\*[^]*?\*\/|(^|[^:'"])\/\/.*$/gm, '$1')
  const held = new Map<string, string>()
  for (const [, name, module] of plain.matchAll(/(?:([\w$]+)\s*=\s*)?require\(\s*["'`]([^"'`]{1,60})["'`]\s*\)/g)) {
    const known = /^nuclei\/(\w+)$/.exec(module!)?.[1]
    if (known === undefined || !Object.hasOwn(scriptModules, known)) refuse('script module', `the script needs the module ${module!.slice(0, 40)}`)
    if (name !== undefined) held.set(name, known)
  }
  // What a module gives is called by the same rules: `c = m.SSHClient()`, then `c.Connect(…)`.
  for (const [, name, from, made] of plain.matchAll(/([\w$]+)\s*=\s*(?:new\s+)?([\w$]+)\.(\w+)\s*\(/g)) {
    const module = held.get(from!)
    if (module !== undefined && /Client$|^Open|^Buffer$/.test(made!)) held.set(name!, module)
  }
  for (const [, name, method] of plain.matchAll(/\b([\w$]+)\.(\w+)\s*\(/g)) {
    const module = held.get(name!)
    if (module !== undefined && /^[A-Z]/.test(method!) && !scriptModules[module]!.includes(method!)) refuse('script module', `the script calls ${module}.${method}`)
  }
}
