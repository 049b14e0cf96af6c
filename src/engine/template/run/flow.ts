import type { Block, Chain } from '#core/template/plan.ts'
import type { Value } from './names.ts'
import { runBlock } from './run-block.ts'
import { runScript } from './sandbox.ts'
import type { RunState } from './state.ts'

/** Runs the blocks of a template in the order and under the conditions that it lays down. */
export async function runFlow(state: RunState): Promise<void> {
  const { blocks, flow } = state.plan
  if (flow === undefined) {
    for (const [index, block] of blocks.entries()) await runBlock(block, prefixOf(blocks, index), state)
    return
  }
  if (flow.kind === 'chain') {
    await runChain(flow.of, state)
    return
  }
  const failed = await runScript(flow.source, {
    protocols: ['http', 'dns', 'tcp', 'ssl', 'javascript', 'headless', 'code'],
    template: () => templateOf(state),
    set: (name, value) => void state.context.set(name, value),
    async call({ protocol, ids }) {
      let matched = false
      for (const index of chosenBlocks(blocks, protocol, ids)) {
        if (index === null) {
          state.troubles.push({ failed: 'protocol', text: `the flow asks for a block ${protocol}(${ids.join()}) that is not there` })
          return { matched, template: templateOf(state) }
        }
        const end = await runBlock(blocks[index]!, prefixOf(blocks, index), state)
        matched ||= end.matched
      }
      return { matched, template: templateOf(state) }
    },
  })
  if (failed !== null) state.troubles.push({ failed: 'protocol', text: `the script of the template failed: ${failed}` })
}

async function runChain(chain: Chain, state: RunState): Promise<boolean> {
  if ('block' in chain) return (await runBlock(state.plan.blocks[chain.block]!, prefixOf(state.plan.blocks, chain.block), state)).matched
  if ('not' in chain) return !(await runChain(chain.not, state))
  const isAll = 'all' in chain
  for (const each of isAll ? chain.all : chain.any) if ((await runChain(each, state)) !== isAll) return !isAll
  return isAll
}

function chosenBlocks(blocks: readonly Block[], protocol: string, ids: readonly string[]): (number | null)[] {
  const own = blocks.flatMap((block, index) => (block.protocol === protocol ? [index] : []))
  if (ids.length === 0) return own
  return ids.map((id) => own.find((index) => blocks[index]!.name === id) ?? own[Number(id) - 1] ?? null)
}

/** By what later blocks and scripts call a block: its own name, else `http`, or `http_2` where there are several. */
function prefixOf(blocks: readonly Block[], index: number): string {
  const { name, protocol } = blocks[index]!
  if (name !== undefined) return name
  const own = blocks.filter((block) => block.protocol === protocol)
  return own.length < 2 ? protocol : `${protocol}_${own.indexOf(blocks[index]!) + 1}`
}

function templateOf(state: RunState): ReadonlyMap<string, Value> {
  const worked = state.variables.over(state.known, state.context)
  const all = new Map<string, Value>(state.context)
  for (const [name] of state.plan.variables) {
    const value = worked.get(name)
    if (value !== undefined) all.set(name, value)
  }
  return all
}
