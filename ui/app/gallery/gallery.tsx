import { getRouteApi } from '@tanstack/react-router'
import { Tabs } from '#ui/kit/tabs.tsx'
import { ChartsPart } from './charts-part.tsx'
import { DataPart } from './data-part.tsx'
import { KitPart } from './kit-part.tsx'
import { ShellPart } from './shell-part.tsx'
import { TextPart } from './text-part.tsx'

const route = getRouteApi('/gallery')

/** Every component in every state. For those who build the console, and for the tests that look at it. */
export function Gallery() {
  const { part = 'kit' } = route.useSearch()
  const navigate = route.useNavigate()
  if (part === 'shell') return <ShellPart />
  return (
    <main className="mx-auto flex max-w-[90rem] flex-col gap-6 px-4 py-6 sm:px-6">
      <h1 className="text-xl font-semibold tracking-tight">Gallery</h1>
      <Tabs
        label="Parts"
        value={part}
        onChange={(next) => void navigate({ search: { part: next } })}
        tabs={[{ value: 'kit', label: 'Kit' }, { value: 'data', label: 'Data' }, { value: 'text', label: 'Text' }, { value: 'charts', label: 'Charts' }, { value: 'shell', label: 'Shell' }]}
      >
        <div className="flex flex-col gap-6 pt-6">{part === 'kit' ? <KitPart /> : part === 'data' ? <DataPart /> : part === 'text' ? <TextPart /> : <ChartsPart />}</div>
      </Tabs>
    </main>
  )
}
