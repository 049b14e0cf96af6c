import { useQuery } from '@tanstack/react-query'
import { ChevronRight, Download } from 'lucide-react'
import { useState } from 'react'
import type { FindingDetail, ProofBundle } from '#api/rest/findings/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { CodeBlock } from '#ui/kit/evidence.tsx'
import { Row, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { api } from '#ui/lib/api.ts'
import { bytesOf, hexOf, turnsOf, type Side } from '#ui/lib/recorded.ts'
import { saveText } from '#ui/lib/save.ts'

type Exchange = ProofBundle['proof']['exchanges'][number]

/** The bytes of a finding as they went over the wire, what was held against them, and a file to decide it again with. */
export function RecordedProof({ finding }: { finding: FindingDetail }) {
  const found = useQuery({
    queryKey: ['finding', 'proof', finding.id, finding.evidence?.at], enabled: finding.hasProof, queryFn: ({ signal }) => api.get<ProofBundle>(`/findings/${finding.id}/proof`, {}, signal),
  })
  if (!finding.hasProof) return null
  if (found.isPending) return <SkeletonRows count={3} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  const bundle = found.data
  const { proof } = bundle
  return (
    <Stack gap={4}>
      <Stack gap={2}>
        <Row wrap>
          <h2 className="text-xs font-semibold text-muted">{t('findings.recorded', { n: proof.exchanges.length })}</h2>
          <span className="ml-auto"><Button size="sm" icon={<Download aria-hidden />} onClick={() => saveText(`vigil-proof-${bundle.check.number}-${bundle.finding.id}.json`, JSON.stringify(bundle), 'application/json')}>{t('findings.proof_download')}</Button></span>
        </Row>
        {proof.matched.length > 0 && <ul className="flex list-disc flex-col gap-0.5 pl-4 text-sm">{proof.matched.map((one) => <li key={one} className="break-words">{one}</li>)}</ul>}
        <Conversations list={proof.exchanges} />
      </Stack>
      <Stack gap={2}>
        <h2 className="text-xs font-semibold text-muted">{t('findings.control')}</h2>
        {proof.control.length > 0 ? <Conversations list={proof.control} /> : <p className="text-sm text-muted">{proof.controlNote ?? t('findings.control_none')}</p>}
      </Stack>
      {proof.callbacks !== undefined && proof.callbacks.length > 0 && (
        <Stack gap={2}>
          <h2 className="text-xs font-semibold text-muted">{t('findings.called_back')}</h2>
          {proof.callbacks.map((call) => <CodeBlock key={`${call.at} ${call.from}`} text={`${call.protocol} ${call.from}\n${call.request}`} label={t('findings.called_back')} />)}
        </Stack>
      )}
      <p className="text-xs text-muted">{t('findings.proof_again')} <code className="font-mono">./vigil verify {finding.id}</code></p>
    </Stack>
  )
}

/** One row each; what was said opens beneath. */
function Conversations({ list }: { list: readonly Exchange[] }) {
  return (
    <ol className="flex flex-col divide-y divide-line rounded-md border border-line">
      {list.map((exchange, place) => <li key={`${exchange.at} ${place}`}><Folded exchange={exchange} number={place + 1} /></li>)}
    </ol>
  )
}

/** Hundreds of kilobytes may lie in one: they are laid out when somebody looks. */
function Folded({ exchange, number }: { exchange: Exchange; number: number }) {
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex h-9 cursor-pointer items-center gap-2 rounded-md px-3 text-sm transition-colors select-none hover:bg-hover">
        <ChevronRight aria-hidden className={open ? 'size-3.5 shrink-0 rotate-90 text-muted transition-transform' : 'size-3.5 shrink-0 text-muted transition-transform'} />
        <span className="tabular shrink-0 text-xs text-muted">{number}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-xs">{firstLine(exchange)}</span>
        {exchange.note !== undefined && <span className="truncate text-xs text-muted max-sm:hidden">{exchange.note}</span>}
        <span className="tabular shrink-0 text-xs text-muted">{t('findings.took', { ms: exchange.took })}</span>
      </summary>
      {open && <Conversation exchange={exchange} />}
    </details>
  )
}

function Conversation({ exchange }: { exchange: Exchange }) {
  const [as, setAs] = useState<'text' | 'hex'>('text')
  return (
    <div className="flex flex-col gap-2 px-3 pt-1 pb-3">
      <Row wrap>
        <Segmented label={t('findings.bytes_as')} value={as} onChange={setAs} options={[{ value: 'text', label: t('findings.as_text') }, { value: 'hex', label: t('findings.as_hex') }]} />
        <span className="tabular text-xs text-muted">{exchange.over.toUpperCase()} {exchange.to}{exchange.serverName === undefined ? '' : ` (${exchange.serverName})`}{exchange.cut ? ` · ${t('findings.bytes_cut')}` : ''}</span>
      </Row>
      {turnsOf(exchange).map(({ side, bytes }, place) => (
        // oxlint-disable-next-line react/no-array-index-key -- turns have no other name, and never move
        <Turn key={place} side={side} place={place + 1} text={as === 'hex' ? hexOf(bytes) : textOf(bytes)} />
      ))}
    </div>
  )
}

function Turn({ side, place, text }: { side: Side; place: number; text: string }) {
  return (
    <div className={side === 'sent' ? 'border-l-2 border-accent-line pl-2' : 'border-l-2 border-line pl-2'}>
      <p className="pb-1 text-2xs text-muted">{side === 'sent' ? t('kit.sent') : t('kit.received')}</p>
      <CodeBlock text={text} label={`${side === 'sent' ? t('kit.sent') : t('kit.received')} ${place}`} />
    </div>
  )
}

function firstLine(exchange: Exchange): string {
  const bytes = bytesOf(exchange.sent)
  const line = textOf(bytes.length > 0 ? bytes : bytesOf(exchange.received)).split(/[\r\n]/, 1)[0] ?? ''
  return line === '' ? exchange.to : line.slice(0, 200)
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte === 10 || byte === 13 || byte === 9 || (byte >= 32 && byte < 127) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('')
}
