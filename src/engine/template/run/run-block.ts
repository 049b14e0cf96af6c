import type { Block } from '#core/template/plan.ts'
import { runDnsBlock } from '../block/dns-block.ts'
import { runHttpBlock } from './http-block.ts'
import { runScriptBlock } from '../block/script-block.ts'
import { runSslBlock } from '../block/ssl-block.ts'
import { runTcpBlock } from '../block/tcp-block.ts'
import type { BlockEnd, RunState } from './state.ts'

/** How blocks of other protocols are run against a web root; each is a function of its own, and one that is not here is told as a trouble. */
type Runner<B extends Block> = (block: B, prefix: string, state: RunState) => Promise<BlockEnd>
const runners: { readonly [P in Block['protocol']]?: Runner<Extract<Block, { protocol: P }>> } = {
  http: runHttpBlock,
  tcp: runTcpBlock,
  dns: runDnsBlock,
  ssl: runSslBlock,
  javascript: runScriptBlock,
}

export async function runBlock(block: Block, prefix: string, state: RunState): Promise<BlockEnd> {
  const run = runners[block.protocol] as Runner<Block> | undefined
  if (run !== undefined) return run(block, prefix, state)
  state.troubles.push({ failed: 'protocol', text: `a block of the protocol ${block.protocol} cannot be run here` })
  return { matched: false }
}
