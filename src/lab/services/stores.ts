import type { Socket } from 'node:net'
import { onLines, type LabService } from '../service.ts'

const redisInfo = [
  '# Server',
  'redis_version:5.0.14',
  'redis_mode:standalone',
  'os:Linux 5.10 x86_64',
  'tcp_port:6379',
  '# Replication',
  'role:master',
  '# Keyspace',
  'db0:keys=42,expires=0,avg_ttl=0',
  '',
].join('\r\n')

/** Answers PING and INFO, as Redis does without a password. It holds nothing. */
export const redis: LabService = {
  name: 'Redis',
  wrong: 'takes commands without a login; release out of support',
  better: 'asks for a password',
  expects: [40101, 70204],
  weak: [{ kind: 'tcp', port: 6379, talk: (socket) => serveRedis(socket, true) }],
  twin: [{ kind: 'tcp', port: 6379, talk: (socket) => serveRedis(socket, false) }],
}

function serveRedis(socket: Socket, open: boolean): void {
  onLines(socket, (line) => {
    // Only the words count: `*1`, `$4` and the like of the protocol's arrays are passed over.
    if (/^[*$]\d+$/.test(line) || line === '') return
    const [word = ''] = line.toUpperCase().split(' ')
    if (word === 'QUIT') socket.end('+OK\r\n')
    else if (!/^(PING|INFO|AUTH|HELLO|CLIENT|COMMAND|CONFIG|KEYS|GET|SET)$/.test(word)) socket.write('-ERR unknown command\r\n')
    else if (!open) socket.write('-NOAUTH Authentication required.\r\n')
    else if (word === 'PING') socket.write('+PONG\r\n')
    else if (word === 'INFO') socket.write(`$${redisInfo.length}\r\n${redisInfo}\r\n`)
    else socket.write('-ERR this is a practice range\r\n')
  })
}

/** Answers version and stats, as memcached does. It holds nothing. */
export const memcached: LabService = {
  name: 'memcached',
  wrong: 'answers without a login',
  better: 'asks for a login',
  expects: [40111, 60409, 70209],
  weak: [{ kind: 'tcp', port: 11211, talk: (socket) => serveMemcached(socket, true) }],
  twin: [{ kind: 'tcp', port: 11211, talk: (socket) => serveMemcached(socket, false) }],
}

function serveMemcached(socket: Socket, open: boolean): void {
  onLines(socket, (line) => {
    if (line === 'quit') socket.end()
    else if (!open) socket.write('CLIENT_ERROR unauthenticated\r\n')
    else if (line === 'version') socket.write('VERSION 1.4.25\r\n')
    else if (line === 'stats')
      socket.write('STAT pid 1\r\nSTAT uptime 86400\r\nSTAT version 1.4.25\r\nSTAT curr_items 12\r\nEND\r\n')
    else socket.write('ERROR\r\n')
  })
}
