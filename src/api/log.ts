import { pino, type DestinationStream, type Logger } from 'pino'

/** One JSON line an event. Secrets are cut out by path as the second fence; the first is not to log bodies and headers at all. */
export function createLog(options: Readonly<{ level?: string; to?: DestinationStream }> = {}): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      redact: {
        paths: [
          'req.headers', 'headers', 'body', '*.password', '*.newPassword', '*.currentPassword', '*.token', '*.secret', '*.code', '*.cookie', '*.authorization',
          'password', 'token', 'secret', 'cookie', 'authorization', 'err.parameters', 'err.args',
        ],
        censor: '[removed]',
      },
      serializers: {
        req: (request: { method?: string; url?: string; id?: string }) => ({ method: request.method, path: request.url?.split('?')[0]?.slice(0, 300), id: request.id }),
        err: pino.stdSerializers.err,
      },
    },
    options.to ?? pino.destination({ fd: 2, sync: true }),
  )
}
