import { createServer, type AddressInfo } from 'node:net'

/** A store that answers Redis' INFO: with `open`, to anybody; afterwards only to who knows a password, as Redis does with `requirepass`. */
export async function startStore(address = '127.0.0.1', port = 0): Promise<Readonly<{ port: number; setOpen(open: boolean): void; stop(): Promise<void> }>> {
  let open = true
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      const info = '# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux\r\n# Replication\r\nrole:master\r\n'
      if (!open) socket.write('-NOAUTH Authentication required.\r\n')
      else if (/PING/i.test(text)) socket.write('+PONG\r\n')
      else if (/INFO/i.test(text)) socket.write(`$${info.length}\r\n${info}\r\n`)
      else socket.write('-ERR unknown command\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(port, address, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    setOpen: (value) => void (open = value),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
