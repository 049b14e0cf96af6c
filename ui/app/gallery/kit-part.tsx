import { Bug, Check, Download, MoreHorizontal, Play, Plus, Radar, Search, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Badge, Count } from '#ui/kit/badge.tsx'
import { Breadcrumb } from '#ui/kit/breadcrumb.tsx'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { Checkbox, RadioCards, Switch } from '#ui/kit/checkbox.tsx'
import { Combobox, MultiCombobox } from '#ui/kit/combobox.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState, InlineError } from '#ui/kit/error-state.tsx'
import { CodeBlock, Evidence } from '#ui/kit/evidence.tsx'
import { FormField, FormGroup } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { KeyHint } from '#ui/kit/key-hint.tsx'
import { Menu, MenuCheck, MenuItem, MenuLine } from '#ui/kit/menu.tsx'
import { Facts, Grid, PageHeader, Row, Section, Stack } from '#ui/kit/page.tsx'
import { Popover } from '#ui/kit/popover.tsx'
import { Progress, Spinner } from '#ui/kit/progress.tsx'
import { Select } from '#ui/kit/select.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatTile } from '#ui/kit/stat-tile.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { Segmented, Tabs } from '#ui/kit/tabs.tsx'
import { DateTime, Elapsed, RelativeTime } from '#ui/kit/time.tsx'
import { Timeline } from '#ui/kit/timeline.tsx'
import { toast, toastError } from '#ui/kit/toast.tsx'
import { ProblemError, UnreachableError } from '#ui/lib/problem.ts'

const options = [
  { value: 'standard', label: 'Standard', detail: '1,000 TCP ports, common UDP services' },
  { value: 'full', label: 'Full', detail: 'All 65,535 TCP ports' },
  { value: 'light', label: 'Light', detail: '100 TCP ports' },
] as const
const now = Date.now()
const refused = new ProblemError({ status: 400, title: 'Bad request', detail: '"10.0.0.1/24" has host bits set. Did you mean 10.0.0.0/24?' })
const broken = new ProblemError({ status: 500, title: 'Internal error', detail: 'Something went wrong on our side. Reference req-7.', request: 'req-7' })

export function KitPart() {
  return (
    <>
      <Buttons />
      <Grid columns="half">
        <Fields />
        <Choices />
      </Grid>
      <Marks />
      <Overlays />
      <Grid columns={4}>
        <StatTile label="Open findings" value={1284} change={12} detail="since yesterday" link={{ to: '/gallery' }} />
        <StatTile label="Urgent" value={7} change={-3} mark={<SeverityMark level={5} />} />
        <StatTile label="Not looked at" value="4.2%" detail="38 of 912 hosts" />
        <StatTile label="Asset risk" value={null} loading />
      </Grid>
      <Grid columns="half">
        <Section title="Evidence">
          <Evidence
            sent={'INFO server\\r\\n'}
            received={'$124\n# Server\nredis_version:6.0.16\nredis_git_sha1:00000000\nredis_mode:standalone\nos:Linux 5.10.0-28-amd64 x86_64\ntcp_port:6379'}
            note="redis@1 from Built-in scanner"
            mark={['redis_version:6.0.16']}
          />
        </Section>
        <Section title="Timeline">
          <Timeline
            items={[
              { id: '1', at: now - 60_000, title: 'Seen again', detail: 'scan/1767222000.17 · Built-in scanner', tone: 'accent' },
              { id: '2', at: now - 86_400_000 * 2, title: 'Came back after a fix', tone: 'danger' },
              { id: '3', at: now - 86_400_000 * 9, title: 'Fixed', detail: 'Tested on tcp/6379 and not there any more', tone: 'good' },
              { id: '4', at: now - 86_400_000 * 40, title: 'First seen' },
            ]}
          />
        </Section>
        <Section title="Code"><CodeBlock label="Command" text={'sudo apt-get install redis-server=5:7.0.15-1~deb12u1\nrequirepass correct-horse-battery-staple'} /></Section>
        <Section title="Copy and facts">
          <Stack>
            <CopyField label="activation code" text="VGL-7F3K-Q9TD-2M4X" />
            <Facts items={[['Address', '127.0.0.10'], ['First seen', <DateTime key="d" at={1_764_000_000_000} />], ['Last seen', <RelativeTime key="r" at={now - 7_200_000} />], ['Running for', <Elapsed key="e" from={now - 83_000} />]]} />
          </Stack>
        </Section>
        <Section title="Empty" flush>
          <EmptyState icon={<Radar />} title="No scans yet" actions={<Button look="primary" icon={<Play aria-hidden />}>Start a scan</Button>}>A scan looks at the addresses you have registered and reports what it finds, with proof.</EmptyState>
        </Section>
        <Section title="Error" flush><ErrorState error={broken} onRetry={() => {}} /></Section>
        <Section title="Loading" flush><SkeletonRows count={5} /></Section>
        <Section title="Progress">
          <Stack>
            <Progress label="Scan" value={62} />
            <Progress label="Thin" value={34} thin tone="good" />
            <Progress label="Unknown" value={null} thin />
            <Row><Spinner label="Loading" /><span className="text-muted">Loading</span></Row>
          </Stack>
        </Section>
      </Grid>
    </>
  )
}

function Buttons() {
  return (
    <Section title="Buttons">
      <Stack>
        <Row wrap>
          <Button look="primary" icon={<Play aria-hidden />}>Start a scan</Button>
          <Button icon={<Download aria-hidden />}>Download</Button>
          <Button look="quiet">Quiet</Button>
          <Button look="danger" icon={<Trash2 aria-hidden />}>Remove</Button>
          <Button look="primary" busy>Saving</Button>
          <Button disabled>Disabled</Button>
          <Button look="primary" disabled>Disabled</Button>
          <IconButton label="More"><MoreHorizontal aria-hidden /></IconButton>
          <IconButton label="Add" look="plain"><Plus aria-hidden /></IconButton>
        </Row>
        <Row wrap>
          <Button size="sm">Small</Button>
          <Button size="sm" look="primary">Small</Button>
          <IconButton size="sm" label="Small"><Plus aria-hidden /></IconButton>
          <Button size="lg" look="primary">Large</Button>
          <Button size="lg">Large</Button>
          <KeyHint keys="mod+k" /><KeyHint keys="g h" /><KeyHint keys="enter" />
        </Row>
      </Stack>
    </Section>
  )
}

function Fields() {
  const [value, setValue] = useState<(typeof options)[number]['value']>('standard')
  const [one, setOne] = useState<string | null>(null)
  const [many, setMany] = useState(['full'])
  return (
    <Section title="Fields">
      <Stack>
        <FormField label="Name" hint="As your colleagues know it."><Input placeholder="Office network" /></FormField>
        <FormField label="Addresses" error='"10.0.0.1/24" has host bits set. Did you mean 10.0.0.0/24?'><Input defaultValue="10.0.0.1/24" mono /></FormField>
        <FormField label="Search" optional="Optional"><Input before={<Search aria-hidden />} placeholder="Anything" /></FormField>
        <FormField label="Disabled"><Input disabled defaultValue="Can't be changed" /></FormField>
        <FormField label="Comment"><TextArea rows={2} placeholder="Why this is acceptable" /></FormField>
        <FormField label="Option profile"><Select value={value} options={options} onChange={setValue} /></FormField>
        <FormField label="Scanner"><Combobox value={one} options={options} onChange={setOne} placeholder="Any scanner" /></FormField>
        <FormField label="Groups"><MultiCombobox values={many} options={options} onChange={setMany} placeholder="Choose groups" /></FormField>
      </Stack>
    </Section>
  )
}

function Choices() {
  const [on, setOn] = useState(true)
  const [card, setCard] = useState<'a' | 'b'>('a')
  const [tab, setTab] = useState<'one' | 'two' | 'three'>('one')
  return (
    <Section title="Choices">
      <Stack>
        <FormGroup label="Checkboxes">
          <Checkbox checked={on} onChange={setOn} label="Ask before each scan" hint="Sends a message an hour before." />
          <Checkbox checked={false} onChange={() => {}} label="Not chosen" />
          <Checkbox checked onChange={() => {}} label="Disabled" disabled />
        </FormGroup>
        <Switch checked={on} onChange={setOn} label="Scan dead hosts too" hint="Takes longer; finds hosts that answer nothing." />
        <RadioCards label="Kind" value={card} onChange={setCard} columns={2} options={[{ value: 'a', label: 'Executive', detail: 'Two pages, for those who decide.' }, { value: 'b', label: 'Technical', detail: 'Every finding with proof and fix.' }]} />
        <Segmented label="View" value={card} onChange={setCard} options={[{ value: 'a', label: 'By host' }, { value: 'b', label: 'By check' }]} />
        <Tabs label="Tabs" value={tab} onChange={setTab} tabs={[{ value: 'one', label: 'What' }, { value: 'two', label: 'Proof', count: 3 }, { value: 'three', label: 'History' }]}>
          <p className="pt-3 text-sm text-muted">Panel {tab}</p>
        </Tabs>
        <InlineError error={refused} />
        <Breadcrumb crumbs={[{ label: 'Assets', link: { to: '/gallery' } }, { label: 'Office network', link: { to: '/gallery' } }, { label: '10.0.0.7' }]} />
        <PageHeader title="Findings" detail="1,284" actions={<Button icon={<Plus aria-hidden />}>Add</Button>} mark={<Bug className="size-5 text-faint" aria-hidden />} />
      </Stack>
    </Section>
  )
}

const statuses = ['new', 'active', 'reopened', 'fixed', 'ignored', 'Queued', 'Running', 'Paused', 'Canceled', 'Finished', 'Error', 'online', 'offline', 'pending', 'partial']

function Marks() {
  return (
    <Section title="Marks">
      <Stack>
        <Row gap={4} wrap>{[5, 4, 3, 2, 1, 0].map((level) => <SeverityMark key={level} level={level} showName />)}</Row>
        <Row gap={4} wrap>{[5, 4, 3, 2, 1].map((level) => <SeverityMark key={level} level={level} showNumber />)}{[5, 4, 3, 2, 1].map((level) => <SeverityMark key={`m${level}`} level={level} />)}</Row>
        <Row gap={4} wrap>{statuses.map((status) => <StatusChip key={status} status={status} />)}</Row>
        <Row wrap>
          <Badge>Plain</Badge><Badge tone="accent">Accent</Badge><Badge tone="good" icon={<Check aria-hidden />}>Good</Badge><Badge tone="warn">Ends in 3 days</Badge><Badge tone="danger">Failed</Badge><Badge mono>CVE-2024-6387</Badge><Count>128</Count>
        </Row>
      </Stack>
    </Section>
  )
}

function Overlays() {
  const [dialog, setDialog] = useState(false)
  const [confirm, setConfirm] = useState(false)
  const [checked, setChecked] = useState(true)
  return (
    <Section title="Overlays">
      <Row wrap>
        <Button onClick={() => setDialog(true)}>Dialog</Button>
        <Button onClick={() => setConfirm(true)}>Confirm</Button>
        <Menu trigger={<Button>Menu</Button>}>
          <MenuItem icon={<Play aria-hidden />} hint="r" onSelect={() => {}}>Verify fix</MenuItem>
          <MenuItem icon={<Download aria-hidden />} onSelect={() => {}}>Download</MenuItem>
          <MenuCheck checked={checked} onChange={setChecked}>Show ignored</MenuCheck>
          <MenuLine />
          <MenuItem icon={<Trash2 aria-hidden />} danger onSelect={() => {}}>Remove</MenuItem>
        </Menu>
        <Popover title="Popover" trigger={<Button>Popover</Button>}><p className="text-sm text-muted">Something short that need not leave the page.</p></Popover>
        <Button onClick={() => toast('Scan started', { description: '127.0.0.0/28 · Standard', action: { label: 'Watch it', run: () => {} } })}>Toast</Button>
        <Button onClick={() => toastError(new UnreachableError())}>Error toast</Button>
      </Row>
      <Dialog open={dialog} onClose={() => setDialog(false)} title="Ignore 3 findings" description="They leave the open list until the date you give." onSubmit={() => setDialog(false)} actions={<><Button onClick={() => setDialog(false)}>Cancel</Button><Button type="submit" look="primary">Ignore</Button></>}>
        <Stack>
          <FormField label="Reason"><TextArea rows={3} placeholder="Why this is acceptable" /></FormField>
          <FormField label="Until"><Input type="date" /></FormField>
        </Stack>
      </Dialog>
      <ConfirmDialog open={confirm} onClose={() => setConfirm(false)} title="Cancel this scan?" action="Cancel scan" onConfirm={() => Promise.reject(refused)}>
        What it has found so far is kept. Hosts it has not reached are reported as not tested.
      </ConfirmDialog>
    </Section>
  )
}
