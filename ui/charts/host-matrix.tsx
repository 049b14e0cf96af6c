import { useMemo, useState } from 'react'
import { t, word } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'
import { severityFill, severityName, type SeverityLevel } from '#ui/kit/severity.tsx'

/** One host of a scan. `severity` is the worst found there, 0 for none. */
export type MatrixHost = Readonly<{ id: string; name: string; state: 'waiting' | 'scanning' | 'scanned' | 'dead' | 'partial' | 'refused' | 'untested'; severity: SeverityLevel | 0 }>

const look: Record<MatrixHost['state'], string> = {
  waiting: 'bg-pressed',
  scanning: 'bg-accent-soft ring-1 ring-accent ring-inset animate-pulse',
  scanned: 'bg-good/55',
  dead: 'bg-transparent ring-1 ring-line-strong ring-inset',
  partial: 'bg-warn-soft ring-1 ring-warn ring-inset',
  refused: 'bg-sunken ring-1 ring-line-strong ring-inset',
  untested: 'bg-warn-soft ring-1 ring-warn ring-inset',
}

/** Every host of a scan as a square that fills in. Arrow keys walk it; enter opens the host. */
export function HostMatrix({ hosts, label, onOpen, most = 1024 }: { hosts: readonly MatrixHost[]; label: string; onOpen: (id: string) => void; most?: number }) {
  const [at, setAt] = useState(0)
  const shown = useMemo(() => hosts.slice(0, most), [hosts, most])
  const tell = (host: MatrixHost) => (host.severity === 0 ? `${host.name} · ${word('host_state', host.state)}` : `${host.name} · ${t('chart.worst', { severity: host.severity, name: severityName(host.severity) })} · ${word('outcome', host.state)}`)
  const current = shown[Math.min(at, shown.length - 1)]
  return (
    <div className="flex flex-col gap-3">
      <div
        role="listbox"
        aria-label={label}
        tabIndex={0}
        aria-activedescendant={current === undefined ? undefined : `host-${current.id}`}
        onKeyDown={(event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10 }[event.key]
          if (step !== undefined) {
            event.preventDefault()
            setAt(Math.max(0, Math.min(shown.length - 1, at + step)))
          } else if (event.key === 'Enter' && current !== undefined) onOpen(current.id)
        }}
        className="group/matrix grid grid-cols-[repeat(auto-fill,minmax(16px,1fr))] gap-1 rounded-sm"
      >
        {shown.map((host, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- keys go to the list
          <div
            key={host.id}
            id={`host-${host.id}`}
            role="option"
            aria-selected={index === at}
            aria-label={tell(host)}
            title={tell(host)}
            onClick={() => { setAt(index); onOpen(host.id) }}
            className={classes(
              'relative aspect-square min-w-3.5 rounded-xs transition-colors hover:outline-2 hover:outline-ink/40',
              host.severity > 0 ? severityFill[host.severity as SeverityLevel] : look[host.state],
              host.severity > 0 && host.state === 'scanning' && 'animate-pulse',
              index === at && 'group-focus-visible/matrix:outline-2 group-focus-visible/matrix:outline-accent',
            )}
          >
            {host.severity >= 1 && <span aria-hidden className="absolute inset-0 flex items-center justify-center text-[9px] leading-none font-bold text-canvas">{host.severity}</span>}
          </div>
        ))}
      </div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {(['waiting', 'scanning', 'scanned', 'dead', 'partial'] as const).map((state) => (
          <li key={state} className="flex items-center gap-1.5"><span aria-hidden className={classes('size-2.5 rounded-xs', look[state].replace('animate-pulse', ''))} />{word('host_state', state)}</li>
        ))}
        {hosts.length > most && <li>{t('chart.more_hosts', { n: hosts.length - most })}</li>}
      </ul>
    </div>
  )
}
