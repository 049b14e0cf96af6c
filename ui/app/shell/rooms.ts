import { BookOpen, Bug, FileText, House, Radar, Server, Settings, type LucideIcon } from 'lucide-react'
import type { LinkProps } from '@tanstack/react-router'
import type { TextKey } from '#ui/i18n/text.ts'
import type { Action } from '#ui/lib/session.ts'

/** The rooms of the console, in the order in which they are worked through. */
export type Room = Readonly<{ id: string; name: TextKey; icon: LucideIcon; link: LinkProps; keys: string; needs?: Action }>

export const rooms: readonly Room[] = [
  { id: 'home', name: 'nav.home', icon: House, link: { to: '/' }, keys: 'g h' },
  { id: 'findings', name: 'nav.findings', icon: Bug, link: { to: '/findings' }, keys: 'g f', needs: 'finding.read' },
  { id: 'assets', name: 'nav.assets', icon: Server, link: { to: '/assets' }, keys: 'g a', needs: 'asset.read' },
  { id: 'scans', name: 'nav.scans', icon: Radar, link: { to: '/scans' }, keys: 'g s', needs: 'scan.read' },
  { id: 'kb', name: 'nav.kb', icon: BookOpen, link: { to: '/kb' }, keys: 'g k', needs: 'kb.read' },
  { id: 'reports', name: 'nav.reports', icon: FileText, link: { to: '/reports' }, keys: 'g r', needs: 'report.read' },
  { id: 'settings', name: 'nav.settings', icon: Settings, link: { to: '/settings' }, keys: 'g t' },
]
