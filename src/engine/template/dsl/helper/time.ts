import type { Helper } from '../call.ts'
import { formatTime, parseTime } from './go-time.ts'
import { integer, none, text } from './argument.ts'

const layouts = [
  '2006-01-02T15:04:05Z07:00', '2006-01-02 15:04:05 Z07:00', '2006-01-02 15:04:05', '2006-01-02 15:04 Z07:00', '2006-01-02 15:04', '2006-01-02 Z07:00', '2006-01-02',
]

/** Helpers over time. It is always UTC, so that a template says the same wherever the scanner stands. */
export const timeHelpers: Readonly<Record<string, Helper>> = {
  unixtime: ([more], { now }) => Math.floor(now / 1000) + (more === undefined ? 0 : integer(more)),
  tounixtime: ([of, layout]) => {
    const written = text(of)
    if (written.trim() !== '' && Number.isFinite(Number(written))) return Math.trunc(Number(written))
    for (const one of layout === undefined ? layouts : [text(layout)]) {
      const time = parseTime(one, written)
      if (time !== null) return Math.floor(time / 1000)
    }
    return none('a time in no known layout')
  },
  datetime: ([format, at], { now }) => {
    const time = at === undefined ? now : integer(at) * 1000
    const layout = text(format)
    return /%[A-Za-z]/.test(layout) ? simple(layout, time) : formatTime(layout, time)
  },
}

function simple(layout: string, time: number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) none('a time that is none')
  const two = (value: number): string => String(value).padStart(2, '0')
  return layout.replace(/%([A-Za-z])/g, (all, letter: string) => {
    switch (letter) {
      case 'Y':
      case 'y':
        return String(date.getUTCFullYear())
      case 'M':
        return two(date.getUTCMonth() + 1)
      case 'D':
      case 'd':
        return two(date.getUTCDate())
      case 'H':
      case 'h':
        return two(date.getUTCHours())
      case 'm':
        return two(date.getUTCMinutes())
      case 'S':
      case 's':
        return two(date.getUTCSeconds())
      default:
        return none(`the part ${all} of a time`)
    }
  })
}
