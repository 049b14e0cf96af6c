import type { Observation } from '#core/observation.ts'
import { gradeOf } from '#core/tls/grade.ts'
import { standard } from '#core/profile.ts'
import { withTools } from '../../src/engine/testing.ts'
import { tls } from '../../src/engine/tls/tls.ts'

/** Whole looks of the probe `tls` at a port of loopback, one after the other, each printed as a line of JSON: `node bench/tls/look.ts [ADDRESS:]PORT [SERVICE [COUNT]]`. */
const [place = '443', service = 'https', count = '1'] = process.argv.slice(2)
const [port = '', address = '127.0.0.1'] = place.split(':').toReversed()
const direct = service === 'https' || service === 'tls'
const seen: Observation<'service'> = {
  kind: 'service', at: { asset: 'a', address, port: Number(port), proto: 'tcp' }, seen: 0, by: 'service@1',
  data: { name: service === 'https' ? 'http' : direct ? 'unknown' : service, tls: direct, facts: direct ? {} : { starttls: true } },
}
for (let done = 0; done < Number(count); done++) await withTools(async (tools, signal) => {
  const began = performance.now()
  try {
    for await (const sight of tls.run(seen, tools, signal)) {
      if (sight.kind !== 'tls') continue
      const { evidence, data } = sight
      process.stdout.write(`${JSON.stringify({ took: Math.round(performance.now() - began), connections: evidence?.sent.split('\n').length, grade: gradeOf(data), ...data })}\n`)
    }
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ unseen: String(error) })}\n`)
  }
}, standard)
