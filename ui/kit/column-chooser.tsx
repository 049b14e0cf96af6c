import { Columns3 } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'
import { IconButton } from './button.tsx'
import { visibleColumns, type Column } from './data-table.tsx'
import { Menu, MenuCheck, MenuGroup, MenuItem, MenuLine } from './menu.tsx'

/** Which columns a list shows. `undefined` is the usual set, so that the address stays short. */
export function ColumnChooser<T>({ columns, shown, onChange }: { columns: readonly Column<T>[]; shown: readonly string[] | undefined; onChange: (shown: string[] | undefined) => void }) {
  const visible = new Set(visibleColumns(columns, shown).map((column) => column.id))
  const toggle = (id: string, on: boolean) => {
    const next = columns.filter((column) => (column.id === id ? on : visible.has(column.id))).map((column) => column.id)
    const usual = visibleColumns(columns, undefined).map((column) => column.id)
    onChange(next.join() === usual.join() ? undefined : next)
  }
  return (
    <Menu align="end" trigger={<IconButton label={t('kit.columns')}><Columns3 aria-hidden /></IconButton>}>
      <MenuGroup label={t('kit.columns')}>
        {columns.filter((column) => column.fixed !== true).map((column) => (
          <MenuCheck key={column.id} checked={visible.has(column.id)} onChange={(on) => toggle(column.id, on)}>{column.header}</MenuCheck>
        ))}
      </MenuGroup>
      <MenuLine />
      <MenuItem onSelect={() => onChange(undefined)} disabled={shown === undefined}>{t('kit.columns_usual')}</MenuItem>
    </Menu>
  )
}
