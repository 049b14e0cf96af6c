import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { fail } from '#core/errors.ts'

/** A command takes its own arguments and answers with the exit code. */
export type Command = (argv: readonly string[]) => Promise<number>

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>

/** Parses options strictly; anything unknown is a usage error that names it. Returns null when help was asked and printed. */
export function options<Options extends ParseArgsOptionsConfig>(argv: readonly string[], help: string, config: Options): Parsed<Options> | null {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(help)
    return null
  }
  try {
    return parseArgs({ args: [...argv], options: config, allowPositionals: true, strict: true }) as Parsed<Options>
  } catch (error) {
    return fail('usage', { what: (error as Error).message.split('. To specify')[0]! })
  }
}
