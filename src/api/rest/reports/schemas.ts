import { Type, type Static } from 'typebox'
import { pageOf, pageQuery } from '../../paging.ts'
import { Id, line, nullable, Time } from '../../schema.ts'

/** `top10`: the technical report of the findings of the organisation's Top 10. */
export const ReportKind = Type.Enum(['executive', 'technical', 'top10'])
export const ReportFormat = Type.Enum(['html', 'pdf', 'csv', 'xlsx', 'json', 'sarif'])
export const ReportState = Type.Enum(['queued', 'running', 'finished', 'failed'])

export const Report = Type.Object({
  id: Id,
  title: Type.String({ maxLength: 200 }),
  kind: ReportKind,
  format: ReportFormat,
  query: Type.String({ maxLength: 2000 }),
  state: ReportState,
  /** Why it failed, in words. */
  failure: nullable(Type.String({ maxLength: 500 })),
  findings: nullable(Type.Integer({ minimum: 0 })),
  bytes: nullable(Type.Integer({ minimum: 0 })),
  createdBy: Type.String({ maxLength: 200 }),
  createdAt: Time,
  finishedAt: nullable(Time),
  expiresAt: Time,
})

/** POST /reports: 201; the event stream says `report.changed` {id} when its state changes. */
export const NewReport = Type.Object(
  {
    title: Type.Optional(line(200)),
    kind: ReportKind,
    format: ReportFormat,
    /** The findings query language; without it all open findings. `list:"PCI fails"` keeps to a search list. */
    query: Type.Optional(Type.String({ maxLength: 1900 })),
  },
  { additionalProperties: false },
)
/** GET /reports: newest first. */
export const ReportQuery = Type.Object({ ...pageQuery })
export const ReportPage = pageOf(Report)
/** GET /reports/:id/file: the body, with `inline=true` shown in the browser instead of saved. */
export const ReportFileQuery = Type.Object({ inline: Type.Optional(Type.Boolean()) })

export type Report = Static<typeof Report>
export type NewReport = Static<typeof NewReport>
export type ReportPage = Static<typeof ReportPage>
